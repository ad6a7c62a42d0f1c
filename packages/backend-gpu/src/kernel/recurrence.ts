/**
 * A long linear recurrence y_i = a_i y_{i-1} + b_i as three kernels: what each part makes of nothing and of one, what is carried
 * from part to part, and each part from what is carried into it. Source: Blelloch, "Prefix sums and their applications", 1990.
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
  loadsOf,
  type Stage,
  type Store,
  scalar as s,
} from "@adjoint/core/kernel";
import { type Piece, prune, rangeOf, rowMajor } from "./part.js";
import { rewriteStages } from "./rewrite.js";

/** A kernel whose last axis runs one. */
interface Recurrence {
  readonly store: Store;
  readonly factor: KernelScalar;
  readonly term: KernelScalar;
  readonly length: number;
}

/** Steps from which parts pay, and points from which there are threads enough without. */
const long = 256;
const many = 1 << 13;

function recurrenceOf(kernel: Kernel): Recurrence | undefined {
  const { axes, stages } = kernel;
  const [stage, ...others] = stages;
  const last = axes.at(-1);
  if (stage === undefined || others.length > 0 || stage.axes.length + stage.accumulators.length > 0)
    return undefined;
  if (last?.order !== "sequential" || axes.filter(({ order }) => order === "sequential").length > 1)
    return undefined;
  const [store, ...more] = stage.stores;
  if (store === undefined || more.length + store.indirect.length + store.bounds.length > 0) return undefined;
  const own = loadsOf(stage).filter(({ buffer }) => kernel.buffers[buffer]?.access !== "read");
  const [previous] = own;
  if (previous === undefined || own.length > 1 || !isBefore(previous, store, axes.length - 1))
    return undefined;
  const parts = linearIn(store.value, previous);
  return parts === undefined ? undefined : { store, ...parts, length: last.extent };
}

/** Whether a load is of what the step before stored, or 0 at the first step. */
function isBefore({ buffer, offset, bounds, indirect, fill }: Load, store: Store, axis: number): boolean {
  const [bound, ...others] = bounds;
  const step = store.offset.strides[axis] ?? 0;
  return (
    buffer === store.buffer &&
    fill === 0 &&
    indirect.length + others.length === 0 &&
    isSame(offset, addAffine(store.offset, { offset: -step, strides: [] })) &&
    bound !== undefined &&
    isSame(bound.value, addAffine(axisTimes(axis), { offset: -1, strides: [] }))
  );
}

function isSame(a: Affine, b: Affine): boolean {
  const length = Math.max(a.strides.length, b.strides.length);
  const strides = Array.from({ length }, (_, axis) => (a.strides[axis] ?? 0) - (b.strides[axis] ?? 0));
  return a.offset === b.offset && strides.every((difference) => difference === 0);
}

/** Factor and term of factor · previous + term. */
function linearIn(value: KernelScalar, previous: Load): Pick<Recurrence, "factor" | "term"> | undefined {
  if (value.kind !== "operation" || value.op !== "add" || value.dtype !== "float32") return undefined;
  for (const [product, term] of [value.inputs, [...value.inputs].reverse()]) {
    if (product?.kind !== "operation" || product.op !== "mul" || term === undefined) continue;
    const factor = product.inputs.find((input) => input !== previous);
    if (product.inputs.includes(previous) && factor !== undefined) return { factor, term };
  }
  return undefined;
}

/** The three pieces, in order; undefined for any other kernel, and where parts do not pay. */
export function partRecurrence({ kernel, operands }: Piece): readonly Piece[] | undefined {
  const found = recurrenceOf(kernel);
  const axis = kernel.axes.length - 1;
  const outer = kernel.axes.slice(0, axis);
  const points = outer.reduce((product, { extent }) => product * extent, 1);
  if (found === undefined || found.length < long || points >= many) return undefined;
  const { store, length } = found;
  const parts = Math.ceil(Math.sqrt(length));
  const steps = Math.ceil(length / parts);
  // Axes of the pieces: those of the points, the part, the step in it.
  const [part, step] = [axis, axis + 1];
  const axes: Kernel["axes"] = [
    ...outer,
    { extent: parts, order: "parallel" },
    { extent: steps, order: "sequential" },
  ];
  const position = addAffine(axisTimes(part, steps), axisTimes(step));
  const within: readonly Bound[] = parts * steps === length ? [] : [{ value: position, extent: length }];
  const affine = ({ offset, strides }: Affine): Affine => {
    const stride = strides[axis] ?? 0;
    const kept = strides.map((own, other) => (other === axis ? stride * steps : own));
    return { offset, strides: stride === 0 ? kept : [...kept, stride] };
  };
  const guarded = <L extends Load | Store>(place: L): L => ({
    ...place,
    bounds: [...place.bounds, ...within],
  });
  const rewritten = (value: KernelScalar, leaf: (load: Load) => KernelScalar): KernelScalar => {
    const stages: Stage[] = [{ axes: [], accumulators: [], stores: [{ ...store, value }] }];
    const [stage] = rewriteStages(stages, {
      affine,
      leaf: (scalar) => {
        if (scalar.kind === "load") return leaf(scalar);
        const isPosition = scalar.kind === "coordinate" && scalar.axis === axis;
        return isPosition ? s.add(s.mul(coordinate(part), steps), coordinate(step)) : scalar;
      },
    });
    return stage?.stores[0]?.value ?? value;
  };
  const size = points * parts;
  const start = operands.reduce<number>((end, o) => (typeof o === "number" ? end : Math.max(end, o.to)), 0);
  const [factors, terms, carried] = [0, 1, 2].map((k) => {
    const bytes = rangeOf(0, size * dtypes.float32.bytes).to;
    return rangeOf(start + k * bytes, bytes);
  });
  if (factors === undefined || terms === undefined || carried === undefined) return undefined;
  const inParts: Affine = { offset: 0, strides: rowMajor([...outer.map(({ extent }) => extent), parts]) };
  const load = (buffer: number, offset: Affine, bounds: readonly Bound[], fill: number): Load => {
    return { kind: "load", dtype: "float32", buffer, offset, indirect: [], bounds, fill };
  };
  const atStep = (value: KernelScalar, buffer: number): Store => {
    return { buffer, offset: inParts, indirect: [], bounds: [], value };
  };
  const earlier = { value: { ...axisTimes(step), offset: -1 }, extent: steps };
  const next = kernel.buffers.length;
  const scratch = (access: "read" | "write"): Kernel["buffers"][number] => ({
    dtype: "float32",
    size,
    access,
  });
  const plain = (scalar: KernelScalar): KernelScalar => rewritten(scalar, guarded);
  const factor = plain(found.factor);
  const partial: Kernel = {
    buffers: [...kernel.buffers, scratch("write"), scratch("write")],
    axes,
    stages: [
      {
        axes: [],
        accumulators: [],
        stores: [
          atStep(s.mul(factor, load(next, inParts, [earlier], 1)), next),
          atStep(s.add(s.mul(factor, load(next + 1, inParts, [earlier], 0)), plain(found.term)), next + 1),
        ],
      },
    ],
    aliases: [],
  };
  const last = { value: { ...axisTimes(part), offset: -1 }, extent: parts };
  const before: Affine = { ...inParts, offset: -1 };
  // Nothing carried, nothing added: factors may have overflowed.
  const into = load(2, before, [last], 0);
  const term = load(1, inParts, [], 0);
  const carry: Kernel = {
    buffers: [scratch("read"), scratch("read"), scratch("write")],
    axes: [...outer, { extent: parts, order: "sequential" }],
    stages: [
      {
        axes: [],
        accumulators: [],
        stores: [atStep(s.select(s.eq(into, 0), term, s.add(s.mul(load(0, inParts, [], 0), into), term)), 2)],
      },
    ],
    aliases: [],
  };
  const first = s.lt(coordinate(step), 1);
  const value = rewritten(store.value, (loaded) =>
    loaded.buffer === store.buffer
      ? s.select<KernelLeaf>(first, load(next, before, [last], 0), {
          ...loaded,
          bounds: [earlier, ...within],
        })
      : guarded(loaded),
  );
  const rest: Kernel = {
    ...kernel,
    buffers: [...kernel.buffers, scratch("read")],
    axes,
    stages: [
      { axes: [], accumulators: [], stores: [guarded({ ...store, offset: affine(store.offset), value })] },
    ],
    aliases: [],
  };
  return [
    prune({ kernel: partial, operands: [...operands, factors, terms] }),
    { kernel: carry, operands: [factors, terms, carried] },
    prune({ kernel: rest, operands: [...operands, carried] }),
  ];
}
