/**
 * The parts of a blocked contraction that are ordinary kernels: packing a block of each operand into scratch memory, and
 * finishing a tile of sums. Positions on the axes of the loops around them are given; those are the leading axes.
 * It refuses to know how the loops run.
 */

import {
  type Affine,
  addAffine,
  axisTimes,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Location,
  type Store,
  zero,
} from "@adjoint/core/kernel";
import { type Reindexed, reindex } from "../reindex.js";

/** An axis of the contraction inside a part: as many positions from the given one on. */
export interface Own {
  readonly axis: number;
  readonly size: number;
  /** Positions on the axis between two of these; 1 unless given. */
  readonly step?: number;
}

/** What a part is made of: axes with given positions and the largest these can be, own axes outermost first. */
export interface Shape {
  readonly given: readonly { readonly axis: number; readonly positions: number }[];
  readonly own: readonly Own[];
}

/** scratch[Σ own position · stride] ← operand */
export function packing(
  kernel: Kernel,
  operand: KernelScalar,
  shape: Shape,
  strides: readonly number[],
): Kernel {
  const { scalar } = translation(shape);
  const store: Store = { ...scratchPlace(kernel, shape, strides), value: scalar(operand) };
  return part(kernel, shape, [store], scratchSize(shape, strides), "write");
}

/** The result ← what the kernel makes of the sums in scratch[Σ own position · stride]. */
export function finishing(kernel: Kernel, shape: Shape, strides: readonly number[]): Kernel {
  const place = scratchPlace(kernel, shape, strides);
  const sums: KernelLeaf = { ...place, kind: "load", dtype: "float32", fill: 0 };
  return part(kernel, shape, finished(kernel, shape, sums), scratchSize(shape, strides), "read");
}

/** The same where each sum is that of so many neighbors. */
export function finishingLanes(
  kernel: Kernel,
  shape: Shape,
  strides: readonly number[],
  lanes: number,
): Kernel {
  const place = scratchPlace(kernel, shape, strides);
  const offset = addAffine(place.offset, axisTimes(shape.given.length + shape.own.length));
  const value: KernelLeaf = { ...place, offset, kind: "load", dtype: "float32", fill: 0 };
  const sum: KernelLeaf = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 };
  const size = scratchSize(shape, strides) + lanes - 1;
  const { stages, ...rest } = part(kernel, shape, finished(kernel, shape, sum), size, "read");
  return {
    ...rest,
    stages: [{ axes: [lanes], accumulators: [{ combine: "add", value }], stores: [] }, ...stages],
  };
}

function finished(kernel: Kernel, shape: Shape, sums: KernelLeaf): Store[] {
  const { scalar, location } = translation(shape, sums);
  return (kernel.stages.at(-1)?.stores ?? []).map((store): Store => {
    return { ...store, ...location(store), value: scalar(store.value) };
  });
}

function scratchPlace(kernel: Kernel, { given }: Shape, strides: readonly number[]): Location {
  const offset = strides
    .map((stride, position) => axisTimes(given.length + position, stride))
    .reduce(addAffine, { offset: 0, strides: [] });
  return { buffer: kernel.buffers.length, offset, indirect: [], bounds: [] };
}

function scratchSize({ own }: Shape, strides: readonly number[]): number {
  return own.reduce((size, { size: extent }, position) => size + (extent - 1) * (strides[position] ?? 0), 1);
}

function part(
  kernel: Kernel,
  { given, own }: Shape,
  stores: readonly Store[],
  size: number,
  access: "read" | "write",
): Kernel {
  return {
    buffers: [...kernel.buffers, { dtype: "float32", size, access }],
    axes: [
      ...given.map(({ positions }) => ({ extent: positions, order: "parallel" as const })),
      ...own.map((axis) => ({ extent: axis.size, order: "parallel" as const })),
    ],
    stages: [{ axes: [], accumulators: [], stores }],
    aliases: [],
  };
}

/** From the axes of the contraction to those of a part; accumulators become `sums`. */
function translation({ given, own }: Shape, sums?: KernelLeaf): Reindexed {
  const table: Affine[] = [];
  const steps = [...given.map(({ axis }) => ({ axis, step: 1 })), ...own];
  for (const [position, { axis, step }] of steps.entries())
    table[axis] = addAffine(table[axis] ?? zero, axisTimes(position, step ?? 1));
  return reindex(
    Array.from(table, (at) => at ?? zero),
    (leaf) => (leaf.kind === "accumulator" ? (sums ?? leaf) : leaf),
  );
}

/** Strides of own axes that lie behind each other, the last one `step` apart. */
export function rowMajor(own: readonly Own[], step: number): number[] {
  const strides: number[] = [];
  let stride = step;
  for (const { size } of [...own].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}
