/**
 * Sums of products that read an operand only where a position is a multiple of a number: convolutions of dilated inputs, such as
 * the adjoint of a convolution with strides. They become one kernel for each residue class of the position, which visits the points
 * that exist and no others, and reads the operand where they are, without a division. What is left out are products with the
 * zeros between. It refuses to emit.
 */

import {
  type Accumulator,
  type Affine,
  addAffine,
  axisTimes,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Load,
  type Stage,
  sameAffine,
  scalarsOf,
  scaleAffine,
} from "@adjoint/core/kernel";
import { type Reindexed, reindex } from "./reindex.js";

/** Most kernels that one becomes. */
const most = 64;

/** An index position / every where that is whole, and otherwise outside. */
interface Sparse {
  readonly position: Affine;
  readonly every: number;
}

/** Positions first, first + step, … of an axis: so many. */
interface Progression {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Equal together to the kernel; the kernel itself where nothing of the kind is in it. */
export function byResidue(kernel: Kernel): readonly Kernel[] {
  const done: Kernel[] = [];
  const open = [kernel];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const parts = divide(next);
    if (parts === undefined) done.push(next);
    else open.push(...parts);
    if (done.length + open.length > most) return [kernel];
  }
  return done;
}

function divide(kernel: Kernel): readonly Kernel[] | undefined {
  const [sum, ...others] = kernel.stages;
  const [accumulator, ...more] = sum?.accumulators ?? [];
  if (sum === undefined || accumulator === undefined) return undefined;
  const alone = more.length + sum.stores.length === 0 && others.every(({ axes }) => axes.length === 0);
  if (!alone || accumulator.combine !== "add" || kernel.axes.some(({ order }) => order !== "parallel"))
    return undefined;
  for (const part of scalarsOf([accumulator.value])) {
    for (const { index } of part.kind === "load" ? part.indirect : []) {
      const sparse = sparseOf(index);
      if (sparse === undefined || !vanishes(accumulator.value, sparse)) continue;
      const parts = classes(kernel, sum, sparse);
      if (parts !== undefined) return parts;
    }
  }
  return undefined;
}

/** One kernel for each residue of the kernel's axis that moves the position; undefined where several axes do. */
function classes(kernel: Kernel, sum: Stage, sparse: Sparse): readonly Kernel[] | undefined {
  const { position, every } = sparse;
  const outer = kernel.axes.length;
  const extents = [...kernel.axes.map(({ extent }) => extent), ...sum.axes];
  const moving = [...extents.keys()].filter((axis) => (position.strides[axis] ?? 0) % every !== 0);
  const [own, ...ownMore] = moving.filter((axis) => axis < outer);
  const [tap, ...tapMore] = moving.filter((axis) => axis >= outer);
  if (ownMore.length + tapMore.length > 0 || extents.includes(0)) return undefined;
  const axisOf = (axis: number | undefined): { extent: number; stride: number; period: number } => {
    const [extent, stride] = axis === undefined ? [1, 0] : [extents[axis] ?? 1, position.strides[axis] ?? 0];
    return { extent, stride, period: every / divisor(Math.abs(stride), every) };
  };
  const [ofOwn, ofTap] = [axisOf(own), axisOf(tap)];
  return Array.from({ length: Math.min(ofOwn.extent, ofOwn.period) }, (_, first) => {
    const rest = position.offset + ofOwn.stride * first;
    const taps = [...Array(ofTap.extent).keys()].filter((at) => (rest + ofTap.stride * at) % every === 0);
    const along = new Map<number, Progression>();
    const count = Math.ceil((ofOwn.extent - first) / ofOwn.period);
    if (own !== undefined) along.set(own, { first, step: ofOwn.period, count });
    if (tap !== undefined) along.set(tap, { first: taps[0] ?? 0, step: ofTap.period, count: taps.length });
    return restricted(kernel, taps.length === 0 ? empty(sum) : sum, along, sparse);
  });
}

/** The sum of no points. */
function empty({ accumulators }: Stage): Stage {
  const none = accumulators.map(({ combine, value }): Accumulator => {
    return { combine, value: { kind: "constant", dtype: value.dtype, value: 0 } };
  });
  return { axes: [0], accumulators: none, stores: [] };
}

/** The kernel at those points, where a position is whole. */
function restricted(
  kernel: Kernel,
  sum: Stage,
  along: ReadonlyMap<number, Progression>,
  { position, every }: Sparse,
): Kernel {
  const outer = kernel.axes.length;
  const table = Array.from({ length: outer + sum.axes.length }, (_, axis): Affine => {
    const { first = 0, step = 1 } = along.get(axis) ?? {};
    return { ...axisTimes(axis, step), offset: first };
  });
  const at: Sparse = { position: reindex(table).affine(position), every };
  const inSum = reindex(table, (leaf) => (leaf.kind === "load" ? dense(leaf, at) : leaf));
  const after = reindex(table.slice(0, outer));
  const moved = (stage: Stage, { scalar, location }: Reindexed): Stage => ({
    axes: stage.axes.map((extent, axis) => along.get(outer + axis)?.count ?? extent),
    accumulators: stage.accumulators.map((old) => ({ ...old, value: scalar(old.value) })),
    stores: stage.stores.map((old) => ({ ...old, ...location(old), value: scalar(old.value) })),
  });
  const [, ...others] = kernel.stages;
  return {
    ...kernel,
    axes: kernel.axes.map((axis, index) => ({ ...axis, extent: along.get(index)?.count ?? axis.extent })),
    stages: [moved(sum, inSum), ...others.map((stage) => moved(stage, after))],
  };
}

/** A load without its computed indices, where they are whole. */
function dense(load: Load, at: Sparse): Load {
  const whole = load.indirect.filter(({ index }) => same(index, at));
  const index = scaleAffine(at.position, 1 / at.every);
  const stride = whole.reduce((sum, part) => sum + part.stride, 0);
  return {
    ...load,
    offset: addAffine(load.offset, scaleAffine(index, stride)),
    indirect: load.indirect.filter((part) => !whole.includes(part)),
    bounds: [...load.bounds, ...whole.map(({ extent }) => ({ value: index, extent }))],
  };
}

/** Whether a product is 0 wherever an index is not whole. */
function vanishes(value: KernelScalar, sparse: Sparse): boolean {
  const zero = (scalar: KernelScalar): boolean => vanishes(scalar, sparse);
  if (value.kind === "constant") return value.value === 0;
  if (value.kind === "load")
    return value.fill === 0 && value.indirect.some(({ index }) => same(index, sparse));
  if (!isOperation(value)) return false;
  if (value.op === "mul") return value.inputs.some(zero);
  return value.op === "select" && value.inputs.slice(1).every(zero);
}

function same(index: KernelScalar, { position, every }: Sparse): boolean {
  const other = sparseOf(index);
  return other !== undefined && other.every === every && sameAffine(other.position, position);
}

/** select(position mod every = 0, position / every, an index that is outside) */
function sparseOf(index: KernelScalar): Sparse | undefined {
  if (!isOperation(index) || index.op !== "select") return undefined;
  const [whole, quotient, otherwise] = index.inputs;
  if (whole === undefined || !isOperation(whole) || whole.op !== "eq") return undefined;
  const [rest, zero] = whole.inputs;
  if (rest === undefined || !isOperation(rest) || rest.op !== "rem" || numberOf(zero) !== 0) return undefined;
  if (quotient === undefined || !isOperation(quotient) || quotient.op !== "div") return undefined;
  const every = numberOf(quotient.inputs[1]);
  if (
    every === undefined ||
    every < 2 ||
    numberOf(rest.inputs[1]) !== every ||
    (numberOf(otherwise) ?? 0) >= 0
  )
    return undefined;
  const [position, divided] = [affineOf(rest.inputs[0]), affineOf(quotient.inputs[0])];
  if (position === undefined || divided === undefined || !sameAffine(position, divided)) return undefined;
  return { position, every };
}

function numberOf(scalar: KernelScalar | undefined): number | undefined {
  return scalar?.kind === "constant" ? scalar.value : undefined;
}

/** A sum of coordinates times numbers. */
function affineOf(scalar: KernelScalar | undefined): Affine | undefined {
  if (scalar === undefined) return undefined;
  if (scalar.kind === "constant") return { offset: scalar.value, strides: [] };
  if (scalar.kind === "coordinate") return axisTimes(scalar.axis);
  if (!isOperation(scalar)) return undefined;
  const [first, second] = scalar.inputs.map(affineOf);
  if (first === undefined || second === undefined) return undefined;
  if (scalar.op === "add") return addAffine(first, second);
  if (scalar.op !== "mul") return undefined;
  if (first.strides.every((stride) => stride === 0)) return scaleAffine(second, first.offset);
  return second.strides.every((stride) => stride === 0) ? scaleAffine(first, second.offset) : undefined;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
