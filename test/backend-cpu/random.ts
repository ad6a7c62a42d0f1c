// Random kernels whose results are exact in every float dtype: small integers and operations that keep them exact.
// So what is compared is the structure (loops, tiles, lanes, addresses, guards), not rounding.

import type { DType } from "@adjoint/core";
import {
  type Accumulator,
  type Affine,
  type Axis,
  addAffine,
  axisTimes,
  type Combine,
  constant,
  type Indirect,
  type Kernel,
  type KernelBuffer,
  type KernelScalar,
  type Load,
  type Location,
  type Operation,
  operation,
  type ScalarOp,
  type Stage,
  type Store,
} from "@adjoint/core/kernel";

/** A whole number from 0 to below the bound. */
export type Choose = (bound: number) => number;

export interface RandomKernel {
  readonly kernel: Kernel;
  /** Buffers [a, b] that are one memory. */
  readonly shared: readonly (readonly [number, number])[];
  /** Values of every buffer. */
  readonly contents: readonly Float64Array[];
}

const extents = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 21, 33, 700] as const;
const allDTypes = ["float32", "float64", "int32", "uint32", "bool"] as const;
type TestDType = (typeof allDTypes)[number];

const numeric: readonly ScalarOp[] = ["add", "sub", "mul", "min", "max", "select"];
const rounding: readonly ScalarOp[] = ["neg", "abs", "floor", "ceil", "trunc", "round"];
const integer: readonly ScalarOp[] = ["and", "or", "xor", "div", "rem", "shl", "shr", "neg", "abs"];
const logical: readonly ScalarOp[] = ["and", "or", "xor", "not", "select", "eq", "lt", "le"];

export class KernelMaker {
  readonly buffers: KernelBuffer[] = [];
  readonly aliases: [number, number][] = [];
  readonly #choose: Choose;
  readonly #dtypes: readonly TestDType[];
  /** Extents of the axes in scope. */
  scope: readonly number[] = [];
  /** Accumulators that can be read. */
  accumulators: KernelScalar[] = [];
  readonly #made: KernelScalar[] = [];

  constructor(choose: Choose) {
    this.#choose = choose;
    const sets: TestDType[][] = [
      ["float32"],
      ["float32"],
      ["float32", "int32", "bool"],
      ["float64"],
      [...allDTypes],
    ];
    this.#dtypes = this.pick(sets);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.#choose(list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  chance(percent: number): boolean {
    return this.#choose(100) < percent;
  }

  between(low: number, high: number): number {
    return low + this.#choose(high - low + 1);
  }

  dtype(): TestDType {
    return this.pick(this.#dtypes);
  }

  /** Extents with at most so many points. */
  extents(rank: number, points: number): number[] {
    const result: number[] = [];
    let total = 1;
    for (let axis = 0; axis < rank; axis++) {
      const fitting = extents.filter((extent) => extent * total <= points);
      const extent = this.chance(2) ? 0 : this.pick(fitting);
      total *= Math.max(1, extent);
      result.push(extent);
    }
    return result;
  }

  buffer(dtype: DType, size: number, access: KernelBuffer["access"]): number {
    return this.buffers.push({ dtype, size, access }) - 1;
  }

  /** A place with an element of its own for every point of some axes, in any order, with gaps, forwards or backwards. */
  layout(axes: readonly number[]): { offset: Affine; size: number } {
    const order = [...axes];
    for (let i = order.length - 1; i > 0; i--) {
      if (this.chance(70)) continue;
      const j = this.#choose(i + 1);
      const [a = 0, b = 0] = [order[i], order[j]];
      order[i] = b;
      order[j] = a;
    }
    let step = this.chance(15) ? 2 : 1;
    let affine: Affine = { offset: 0, strides: [] };
    for (const axis of order.reverse()) {
      const extent = Math.max(1, this.scope[axis] ?? 1);
      const backwards = this.chance(8);
      affine = addAffine(affine, axisTimes(axis, backwards ? -step : step));
      if (backwards) affine = { ...affine, offset: affine.offset + step * (extent - 1) };
      step *= extent + (this.chance(8) ? 1 : 0);
    }
    return { offset: affine, size: step };
  }

  #allAxes(): number[] {
    return this.scope.map((_, axis) => axis);
  }

  load(dtype: TestDType): Load {
    const axes = this.#allAxes().filter(() => !this.chance(25));
    const { offset, size } = this.layout(axes);
    const bounds: { value: Affine; extent: number }[] = [];
    let place = offset;
    if (axes.length > 0 && this.chance(20)) {
      const axis = this.pick(axes);
      const shift = this.between(-3, 3);
      const stride = offset.strides[axis] ?? 0;
      place = { ...place, offset: place.offset + shift * stride };
      bounds.push({ value: { ...axisTimes(axis), offset: shift }, extent: this.scope[axis] ?? 1 });
    }
    const indirect: Indirect[] = [];
    let total = size;
    if (this.chance(12)) {
      const rows = this.between(1, 5);
      const inner = this.chance(50);
      indirect.push({ index: this.index(rows), stride: inner ? 1 : size, extent: rows });
      if (inner) {
        place = { offset: place.offset * rows, strides: place.strides.map((stride) => stride * rows) };
      }
      total = size * rows;
    }
    const buffer = this.buffer(dtype, total, "read");
    return { kind: "load", dtype, buffer, offset: place, indirect, bounds, fill: dtype === "bool" ? 1 : 3 };
  }

  /** An index that is mostly, not always, below the extent. */
  index(rows: number): KernelScalar {
    const { offset, size } = this.layout(this.#allAxes().filter(() => this.chance(50)));
    const dtype = this.chance(80) ? "int32" : "uint32";
    const buffer = this.buffer(dtype, size, "read");
    const loaded: Load = { kind: "load", dtype, buffer, offset, indirect: [], bounds: [], fill: 0 };
    return this.chance(70) ? loaded : operation("rem", [loaded, constant(rows, dtype)]);
  }

  scalar(dtype: TestDType, depth: number): KernelScalar {
    const known = this.#made.filter((made) => made.dtype === dtype);
    if (known.length > 0 && this.chance(15)) return this.pick(known);
    const made = depth === 0 || this.chance(15) ? this.#leaf(dtype) : this.#operation(dtype, depth - 1);
    this.#made.push(made);
    return made;
  }

  /** Forgets what was made where other axes are in scope. */
  forget(): void {
    this.#made.length = 0;
  }

  #leaf(dtype: TestDType): KernelScalar {
    const readable = this.accumulators.filter((accumulator) => accumulator.dtype === dtype);
    if (readable.length > 0 && this.chance(60)) return this.pick(readable);
    if (dtype === "int32" && this.scope.length > 0 && this.chance(30)) {
      return { kind: "coordinate", dtype, axis: this.#choose(this.scope.length) };
    }
    if (this.chance(15)) return constant(dtype === "bool" ? this.#choose(2) : this.between(0, 3), dtype);
    return this.load(dtype);
  }

  #operation(dtype: TestDType, depth: number): KernelScalar {
    if (this.chance(15)) return operation("cast", [this.scalar(this.dtype(), depth)], dtype);
    const table =
      dtype === "bool"
        ? logical
        : dtype.startsWith("float")
          ? numeric.concat(rounding)
          : numeric.concat(integer);
    const op = this.pick(table);
    const operand = (): KernelScalar => this.scalar(dtype, depth);
    switch (op) {
      case "select":
        return operation(op, [this.scalar("bool", depth), operand(), operand()]);
      case "eq":
      case "lt":
      case "le": {
        const compared = this.pick(
          allDTypes.filter((other) => other !== "bool" && this.#dtypes.includes(other)),
        );
        return operation(op, [this.scalar(compared, depth), this.scalar(compared, depth)]);
      }
      case "mul":
        return operation(op, [operand(), this.#leaf(dtype)]);
      case "neg":
      case "abs":
      case "floor":
      case "ceil":
      case "trunc":
      case "round":
      case "not":
        return operation(op, [operand()]);
      default:
        return operation(op, [operand(), operand()]);
    }
  }

  accumulator(dtype: TestDType): Accumulator {
    const combine: Combine =
      dtype === "bool" ? this.pick(["and", "or"]) : this.pick(["add", "add", "min", "max"]);
    return { combine, value: this.scalar(dtype, this.between(0, 2)) };
  }

  store(value: KernelScalar): Store {
    const { offset, size } = this.layout(this.#allAxes());
    const buffer = this.buffer(value.dtype, size, "write");
    return { buffer, offset, indirect: [], bounds: [], value };
  }
}

const bare = { indirect: [], bounds: [] } as const satisfies Partial<Location>;

function map(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const axes = make.extents(make.between(0, 4), 600);
  make.scope = axes;
  const stores = Array.from({ length: make.between(1, 2) }, () =>
    make.store(make.scalar(make.dtype(), make.between(0, 4))),
  );
  return { axes, stages: [{ axes: [], accumulators: [], stores }] };
}

/** Stages that reduce, each of which may read those before; then one that stores. */
function reductions(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const axes = make.extents(make.between(0, 2), 40);
  const stages: Stage[] = [];
  for (let position = 0; position < make.between(1, 2); position++) {
    const inner = make.extents(make.between(0, 2), 80);
    make.scope = [...axes, ...inner];
    const accumulators = Array.from({ length: make.between(1, 2) }, () => make.accumulator(make.dtype()));
    make.forget();
    stages.push({ axes: inner, accumulators, stores: [] });
    for (const [index, { value }] of accumulators.entries()) {
      make.accumulators.push({ kind: "accumulator", dtype: value.dtype, stage: position, index });
    }
  }
  const last = make.chance(50) ? [] : make.extents(make.between(1, 2), 40);
  make.scope = [...axes, ...last];
  const stores = [make.store(make.pick(make.accumulators)), make.store(make.scalar(make.dtype(), 2))];
  return { axes, stages: [...stages, { axes: last, accumulators: [], stores }] };
}

/** Running values, stored at every point. */
function scan(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const axes = make.extents(make.between(0, 2), 40);
  const inner = make.extents(make.between(1, 2), 60);
  make.scope = [...axes, ...inner];
  const accumulator = make.accumulator(make.dtype());
  const { dtype } = accumulator.value;
  make.accumulators.push({ kind: "accumulator", dtype, stage: 0, index: 0 });
  const stores = [
    make.store({ kind: "accumulator", dtype, stage: 0, index: 0 }),
    make.store(make.scalar(make.dtype(), 2)),
  ];
  return { axes, stages: [{ axes: inner, accumulators: [accumulator], stores }] };
}

/** Sums of products with random layouts of both operands, batched, with an epilogue. */
function contraction(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const batch = make.chance(25) ? make.extents(1, 3) : [];
  const long = make.chance(10);
  const outer = [...batch, ...make.extents(make.between(1, 2), long ? 20 : 300)];
  const inner = make.extents(make.between(1, 2), long ? 2000 : 60);
  make.scope = [...outer, ...inner];
  const dtype = make.dtype();
  const operand = (left: boolean): KernelScalar => {
    const axes = make.scope
      .map((_, axis) => axis)
      .filter(
        (axis) => axis < batch.length || axis >= outer.length || (axis - batch.length) % 2 === (left ? 0 : 1),
      );
    const { offset, size } = make.layout(axes);
    const load: Load = {
      ...bare,
      kind: "load",
      dtype,
      buffer: make.buffer(dtype, size, "read"),
      offset,
      fill: 0,
    };
    return make.chance(20) && dtype !== "bool" ? operation("add", [load, constant(1, dtype)]) : load;
  };
  const [a, b] = [operand(true), operand(false)];
  const value: Operation<never> | KernelScalar = operation(dtype === "bool" ? "and" : "mul", [a, b]);
  const combine: Combine = dtype === "bool" ? "or" : "add";
  make.accumulators.push({ kind: "accumulator", dtype, stage: 0, index: 0 });
  make.scope = outer;
  const stores = [
    make.store(make.scalar(dtype, 2)),
    make.store({ kind: "accumulator", dtype, stage: 0, index: 0 }),
  ];
  const stages = [
    { axes: inner, accumulators: [{ combine, value }], stores: [] },
    { axes: [], accumulators: [], stores },
  ];
  return { axes: outer, stages };
}

/** Rows added into, or written to, computed places one after the other. */
function scatter(make: KernelMaker): { axes: Axis[]; stages: Stage[] } {
  const [count = 1, columns = 1] = make.extents(2, 200);
  make.scope = [count, columns];
  const rows = make.between(1, 5);
  const dtype = make.dtype();
  const value = make.scalar(dtype, 2);
  const { offset, size } = make.layout([1]);
  const buffer = make.buffer(dtype, size * rows, "update");
  make.scope = [count];
  const index = make.index(rows);
  const combine: Combine = dtype === "bool" ? "or" : make.pick(["add", "max"]);
  const place = { buffer, offset, indirect: [{ index, stride: size, extent: rows }], bounds: [], value };
  const store: Store = make.chance(80) ? { ...place, combine } : place;
  const axes: Axis[] = [
    { extent: count, order: "sequential" },
    { extent: columns, order: "parallel" },
  ];
  return { axes, stages: [{ axes: [], accumulators: [], stores: [store] }] };
}

/** Results in the memory of an operand that is read at the same point only. */
function inPlace(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const axes = make.extents(make.between(1, 3), 400);
  make.scope = axes;
  const dtype = make.dtype();
  const store = make.store(constant(0, dtype));
  const size = make.buffers[store.buffer]?.size ?? 0;
  const same = make.chance(50);
  const buffer = same ? store.buffer : make.buffer(dtype, size, "read");
  if (same) make.buffers[store.buffer] = { dtype, size, access: "update" };
  else make.aliases.push([store.buffer, buffer]);
  const old: Load = { ...bare, kind: "load", dtype, buffer, offset: store.offset, fill: 0 };
  const value = operation(dtype === "bool" ? "xor" : "add", [old, make.scalar(dtype, 2)]);
  return { axes, stages: [{ axes: [], accumulators: [], stores: [{ ...store, value }] }] };
}

/** Each element from the one before it on an axis of the stage, or on a sequential axis of the kernel. */
function recurrence(make: KernelMaker): { axes: Axis[]; stages: Stage[] } {
  const inKernel = make.chance(40);
  const outer = make.extents(make.between(0, 2), 40);
  const inner = make.extents(make.between(1, 2), 60);
  const trailing = inKernel ? make.extents(make.between(0, 1), 20) : [];
  make.scope = [...outer, ...inner, ...trailing];
  const dtype = make.dtype();
  const store = make.store(make.scalar(dtype, 2));
  const axis = outer.length + make.between(0, inner.length - 1);
  const stride = store.offset.strides[axis] ?? 0;
  const before: Load = {
    kind: "load",
    dtype,
    buffer: store.buffer,
    offset: { ...store.offset, offset: store.offset.offset - stride },
    indirect: [],
    bounds: [{ value: { ...axisTimes(axis), offset: -1 }, extent: make.scope[axis] ?? 1 }],
    fill: 0,
  };
  const value = operation(dtype === "bool" ? "or" : "max", [before, store.value]);
  const ordered = (list: readonly number[], order: Axis["order"]): Axis[] =>
    list.map((extent) => ({ extent, order }));
  const axes = [
    ...ordered(outer, "parallel"),
    ...(inKernel ? [...ordered(inner, "sequential"), ...ordered(trailing, "parallel")] : []),
  ];
  const stage = { axes: inKernel ? [] : inner, accumulators: [], stores: [{ ...store, value }] };
  return { axes, stages: [stage] };
}

/** A stage that stores, one that reads what it stored elsewhere, and one that gathers all of it in one place. */
function throughMemory(make: KernelMaker): { axes: number[]; stages: Stage[] } {
  const outer = make.extents(make.between(0, 2), 20);
  const inner = make.extents(1, 40);
  make.scope = [...outer, ...inner];
  const dtype = make.dtype();
  const first = make.store(make.scalar(dtype, 2));
  make.forget();
  const axis = outer.length;
  const stride = first.offset.strides[axis] ?? 0;
  const strides = first.offset.strides.map((step, at) => (at === axis ? -stride : step));
  const last = Math.max(0, (inner[0] ?? 1) - 1);
  const backwards: Load = {
    ...bare,
    kind: "load",
    dtype,
    buffer: first.buffer,
    offset: { offset: first.offset.offset + stride * last, strides },
    fill: 0,
  };
  const second = make.store(operation(dtype === "bool" ? "xor" : "add", [backwards, make.scalar(dtype, 1)]));
  const { offset, size } = make.layout(outer.map((_, at) => at));
  const buffer = make.buffer(dtype, size, "update");
  const sum: Load = { ...bare, kind: "load", dtype, buffer, offset, fill: 0 };
  const total = operation(dtype === "bool" ? "xor" : "add", [sum, backwards]);
  const stores: Store[] = [first, second, { ...bare, buffer, offset, value: total }];
  return { axes: outer, stages: stores.map((store) => ({ axes: inner, accumulators: [], stores: [store] })) };
}

const makers = {
  map,
  reductions,
  scan,
  contraction,
  scatter,
  inPlace,
  recurrence,
  throughMemory,
} as const satisfies Record<string, (make: KernelMaker) => { axes: (number | Axis)[]; stages: Stage[] }>;

export type KernelKind = keyof typeof makers;
export const kernelKinds: readonly KernelKind[] = [
  "map",
  "reductions",
  "scan",
  "contraction",
  "scatter",
  "inPlace",
  "recurrence",
  "throughMemory",
];

export function randomKernel(kind: KernelKind, choose: Choose): RandomKernel {
  const make = new KernelMaker(choose);
  const { axes, stages } = makers[kind](make);
  const kernel: Kernel = {
    buffers: make.buffers,
    axes: axes.map((axis) => (typeof axis === "number" ? { extent: axis, order: "parallel" } : axis)),
    stages,
    aliases: make.aliases,
  };
  const contents = make.buffers.map(({ dtype, size }) =>
    Float64Array.from({ length: size }, () =>
      dtype === "bool" ? choose(2) : dtype === "uint32" ? choose(5) : choose(7) - 2,
    ),
  );
  return { kernel, shared: make.aliases, contents };
}
