/**
 * A long linear recurrence as three kernels: what each part makes of nothing and of one, what is carried from part to part, and
 * each part from what is carried into it. The product of a part's factors may be of any size where no number of the recurrence
 * is. Source: Blelloch, "Prefix sums and their applications", 1990.
 */

import { dtypes } from "@adjoint/core";
import {
  type Affine,
  addAffine,
  axisTimes,
  type Bound,
  coordinate,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Load,
  type Store,
  scalar as s,
} from "@adjoint/core/kernel";
import { endOf, type Piece, prune, rangeOf, rowMajor } from "./part.js";
import { type Recurrence, recurrenceOf } from "./recurrence.js";
import { rewriteStages } from "./rewrite.js";
import { scaledBy, timesFloat } from "./scaled.js";

/** Steps from which parts pay, and points from which there are threads enough without. */
const long = 256;
const many = 1 << 13;

/** The three pieces, in order; undefined for any other kernel, and where parts do not pay. */
export function partRecurrence({ kernel, operands }: Piece): readonly Piece[] | undefined {
  const recurrence = recurrenceOf(kernel);
  const points = kernel.axes.slice(0, -1).reduce((product, { extent }) => product * extent, 1);
  if (recurrence === undefined || recurrence.length < long || points >= many) return undefined;
  const cut = new Cut(kernel, recurrence, points);
  const bytes = cut.size * dtypes.float32.bytes;
  const exponents = rangeOf(endOf(operands), bytes);
  const mantissas = rangeOf(exponents.to, bytes);
  const terms = rangeOf(mantissas.to, bytes);
  const carried = rangeOf(terms.to, bytes);
  return [
    prune({ kernel: cut.partial(), operands: [...operands, exponents, mantissas, terms] }),
    { kernel: cut.carry(), operands: [exponents, mantissas, terms, carried] },
    prune({ kernel: cut.rest(), operands: [...operands, carried] }),
  ];
}

/** A recurrence in parts. Axes are those of the points, the part, and the step in it. */
class Cut {
  readonly #kernel: Kernel;
  readonly #recurrence: Recurrence;
  readonly #parts: number;
  readonly #steps: number;
  readonly #part: number;
  readonly #step: number;
  /** Numbers that all parts leave. */
  readonly size: number;

  constructor(kernel: Kernel, recurrence: Recurrence, points: number) {
    this.#kernel = kernel;
    this.#recurrence = recurrence;
    this.#parts = Math.ceil(Math.sqrt(recurrence.length));
    this.#steps = Math.ceil(recurrence.length / this.#parts);
    this.#part = kernel.axes.length - 1;
    this.#step = kernel.axes.length;
    this.size = points * this.#parts;
  }

  /** Leaves the product of a part's factors, and what it makes of nothing, in three buffers behind the kernel's own. */
  partial(): Kernel {
    const exponents = this.#kernel.buffers.length;
    const [mantissas, terms] = [exponents + 1, exponents + 2];
    const [factor, term] = [this.#recurrence.factor, this.#recurrence.term].map((value) =>
      this.#rewritten(value, (load) => this.#guarded(load)),
    );
    const earlier = (buffer: number, fill: number): Load =>
      this.#load(buffer, 0, [this.#earlierStep()], fill);
    if (factor === undefined || term === undefined) return this.#kernel;
    const before = { exponent: earlier(exponents, 0), mantissa: earlier(mantissas, 1) };
    const { exponent, mantissa } = timesFloat(before, factor);
    return this.#storing(
      [...this.#kernel.buffers, ...[0, 1, 2].map(() => this.#scratch("write"))],
      this.#axes(),
      this.#stored(exponents, exponent),
      this.#stored(mantissas, mantissa),
      this.#stored(terms, s.add(s.mul(factor, earlier(terms, 0)), term)),
    );
  }

  /** The last number of each part. */
  carry(): Kernel {
    const into = this.#load(3, -1, [this.#earlierPart()], 0);
    const given = (buffer: number): Load => this.#load(buffer, 0, [], 0);
    const factor = { exponent: given(0), mantissa: given(1) };
    return this.#storing(
      [...[0, 1, 2].map(() => this.#scratch("read")), this.#scratch("write")],
      [...this.#kernel.axes.slice(0, -1), { extent: this.#parts, order: "sequential" }],
      this.#stored(3, s.add(scaledBy(into, factor), given(2))),
    );
  }

  /** The kernel in parts, each from what lies behind its own buffers. */
  rest(): Kernel {
    const { store } = this.#recurrence;
    const into = this.#load(this.#kernel.buffers.length, -1, [this.#earlierPart()], 0);
    const isFirst = s.lt(coordinate(this.#step), 1);
    const value = this.#rewritten(store.value, (load) => {
      if (load.buffer !== store.buffer) return this.#guarded(load);
      const previous = this.#guarded({ ...load, bounds: [this.#earlierStep()] });
      return s.select<KernelLeaf>(isFirst, into, previous);
    });
    return this.#storing(
      [...this.#kernel.buffers, this.#scratch("read")],
      this.#axes(),
      this.#guarded({ ...store, offset: this.#moved(store.offset), value }),
    );
  }

  #axes(): Kernel["axes"] {
    return [
      ...this.#kernel.axes.slice(0, -1),
      { extent: this.#parts, order: "parallel" },
      { extent: this.#steps, order: "sequential" },
    ];
  }

  #storing(buffers: Kernel["buffers"], axes: Kernel["axes"], ...stores: readonly Store[]): Kernel {
    return { buffers, axes, stages: [{ axes: [], accumulators: [], stores }], aliases: [] };
  }

  #scratch(access: "read" | "write"): Kernel["buffers"][number] {
    return { dtype: "float32", size: this.size, access };
  }

  /** A number of this part, or of the one before it, in a buffer of such. */
  #at(back: 0 | -1): Affine {
    const extents = this.#kernel.axes.slice(0, -1).map(({ extent }) => extent);
    return { offset: back, strides: rowMajor([...extents, this.#parts]) };
  }

  #load(buffer: number, back: 0 | -1, bounds: readonly Bound[], fill: number): Load {
    return { kind: "load", dtype: "float32", buffer, offset: this.#at(back), indirect: [], bounds, fill };
  }

  #stored(buffer: number, value: KernelScalar): Store {
    return { buffer, offset: this.#at(0), indirect: [], bounds: [], value };
  }

  #earlierStep(): Bound {
    return { value: { ...axisTimes(this.#step), offset: -1 }, extent: this.#steps };
  }

  #earlierPart(): Bound {
    return { value: { ...axisTimes(this.#part), offset: -1 }, extent: this.#parts };
  }

  /** An index over the recurrence's axis as one over parts and steps. */
  #moved({ offset, strides }: Affine): Affine {
    const stride = strides[this.#part] ?? 0;
    const kept = strides.map((own, axis) => (axis === this.#part ? stride * this.#steps : own));
    return { offset, strides: stride === 0 ? kept : [...kept, stride] };
  }

  /** A place that the last part has only as far as the recurrence goes. */
  #guarded<L extends Load | Store>(place: L): L {
    if (this.#parts * this.#steps === this.#recurrence.length) return place;
    const position = addAffine(axisTimes(this.#part, this.#steps), axisTimes(this.#step));
    return { ...place, bounds: [...place.bounds, { value: position, extent: this.#recurrence.length }] };
  }

  #rewritten(value: KernelScalar, leaf: (load: Load) => KernelScalar): KernelScalar {
    const [stage] = rewriteStages([{ axes: [], accumulators: [], stores: [this.#stored(0, value)] }], {
      affine: (index) => this.#moved(index),
      leaf: (scalar) => {
        if (scalar.kind === "load") return leaf(scalar);
        const isPosition = scalar.kind === "coordinate" && scalar.axis === this.#part;
        return isPosition
          ? s.add(s.mul(coordinate(this.#part), this.#steps), coordinate(this.#step))
          : scalar;
      },
    });
    return stage?.stores[0]?.value ?? value;
  }
}
