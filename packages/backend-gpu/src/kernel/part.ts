/** A kernel as several: only the buffers it uses, one per stage, or a long sum in parts. It refuses to decide which. */

import { dtypes } from "@adjoint/core";
import {
  type Accumulator,
  type Affine,
  type Kernel,
  type KernelScalar,
  locationsOf,
  rootsOf,
  type Stage,
  type Store,
  scalarsOf,
} from "@adjoint/core/kernel";
import { appendAxis, rewriteStages } from "./rewrite.js";

/** What a kernel's buffer is: one of its step, or room for sums of parts. */
export type Operand = number | ScratchRange;

/** Bytes from the start of the scratch memory, which the dispatches of one step share. */
export interface ScratchRange {
  readonly from: number;
  readonly to: number;
}

export interface Piece {
  readonly kernel: Kernel;
  /** One per buffer of the kernel. */
  readonly operands: readonly Operand[];
}

/** A piece without the buffers that it does not touch. */
export function prune({ kernel, operands }: Piece): Piece {
  const used = new Set(locationsOf(kernel).map(({ location }) => location.buffer));
  if (used.size === kernel.buffers.length) return { kernel, operands };
  const kept = kernel.buffers.map((_, buffer) => buffer).filter((buffer) => used.has(buffer));
  const to = new Map(kept.map((buffer, position) => [buffer, position]));
  const at = (buffer: number): number => to.get(buffer) ?? 0;
  const leaf = (scalar: KernelScalar): KernelScalar =>
    scalar.kind === "load" ? { ...scalar, buffer: at(scalar.buffer) } : scalar;
  return {
    kernel: {
      ...kernel,
      buffers: kept.flatMap((buffer) => kernel.buffers[buffer] ?? []),
      stages: rewriteStages(kernel.stages, { leaf }).map((stage) => ({
        ...stage,
        stores: stage.stores.map((store) => ({ ...store, buffer: at(store.buffer) })),
      })),
      aliases: [],
    },
    operands: kept.flatMap((buffer) => operands[buffer] ?? []),
  };
}

/** Whether each stage could be a kernel of its own: none reads what another accumulated. */
export function isSeparable({ stages, axes }: Kernel): boolean {
  if (stages.length < 2 || axes.some(({ order, extent }) => order === "sequential" && extent > 1))
    return false;
  return stages.every((stage, index) =>
    scalarsOf(rootsOf(stage)).every((scalar) => scalar.kind !== "accumulator" || scalar.stage === index),
  );
}

/** A piece per stage, in order. What a stage wrote and a later one reads lies in memory between the two. */
export function separate({ kernel, operands }: Piece): Piece[] {
  return kernel.stages.map((stage, index) => {
    const leaf = (scalar: KernelScalar): KernelScalar =>
      scalar.kind === "accumulator" && scalar.stage === index ? { ...scalar, stage: 0 } : scalar;
    return prune({ kernel: { ...kernel, stages: rewriteStages([stage], { leaf }) }, operands });
  });
}

/** The only stage's axes from `keep` on as parallel axes of the kernel. Stage axes follow kernel axes, so numbers stay. */
export function promote(kernel: Kernel, keep: number): Kernel {
  const [stage] = kernel.stages;
  if (stage === undefined || keep >= stage.axes.length) return kernel;
  const outer = kernel.axes.length;
  const moved = stage.axes.slice(keep);
  const to = (axis: number): number =>
    axis < outer ? axis : axis < outer + keep ? axis + moved.length : axis - keep;
  const affine = ({ offset, strides }: Affine): Affine => {
    const next = new Array<number>(outer + stage.axes.length).fill(0);
    for (const [axis, stride] of strides.entries()) next[to(axis)] = stride;
    return { offset, strides: next };
  };
  const [rewritten] = rewriteStages([stage], { axis: to, affine });
  if (rewritten === undefined) return kernel;
  return {
    ...kernel,
    axes: [...kernel.axes, ...moved.map((extent) => ({ extent, order: "parallel" as const }))],
    stages: [{ ...rewritten, axes: stage.axes.slice(0, keep) }],
  };
}

/** A sum of parts: the kernel that leaves the parts in scratch memory, and the one that goes on from there. */
export interface Parted {
  readonly partial: Piece;
  /** The kernel axis of `partial` that counts the parts. */
  readonly axis: number;
  readonly rest: Piece;
  readonly scratch: ScratchRange;
}

/** A range starts where any buffer may be bound. */
const alignment = 256;

/** Accumulates a stage without stores in a number of parts, which it leaves behind what earlier dispatches left. */
export function partStage({ kernel, operands }: Piece, index: number, parts: number): Parted | undefined {
  const stage = kernel.stages[index];
  if (stage === undefined || stage.stores.length > 0 || stage.accumulators.length === 0) return undefined;
  const dtype = stage.accumulators[0]?.value.dtype ?? "float32";
  if (stage.accumulators.some(({ value }) => value.dtype !== dtype)) return undefined;
  const points = kernel.axes.reduce((product, { extent }) => product * extent, 1);
  const size = points * parts * stage.accumulators.length;
  const range = rangeOf(endOf(operands), size * dtypes[dtype].bytes);
  const scratch = kernel.buffers.length;
  const at = (k: number, axis: number): Affine => partAt(kernel, parts, k, axis);
  const axis = kernel.axes.length;
  const opened = appendAxis(kernel, parts);
  const leave = stage.accumulators.map(
    ({ value }, k): Store => ({
      buffer: scratch,
      offset: at(k, axis),
      indirect: [],
      bounds: [],
      value: { kind: "accumulator", dtype: value.dtype, stage: index, index: k },
    }),
  );
  const partial: Kernel = {
    ...opened,
    buffers: [...kernel.buffers, { dtype, size, access: "write" }],
    stages: [...opened.stages.slice(0, index + 1), { axes: [], accumulators: [], stores: leave }],
    aliases: [],
  };
  const collect: Stage = {
    axes: [parts],
    accumulators: stage.accumulators.map(
      ({ combine }, k): Accumulator => ({
        combine,
        value: {
          kind: "load",
          dtype,
          buffer: scratch,
          offset: at(k, axis),
          indirect: [],
          bounds: [],
          fill: 0,
        },
      }),
    ),
    stores: [],
  };
  const rest: Kernel = {
    ...kernel,
    buffers: [...kernel.buffers, { dtype, size, access: "read" }],
    stages: kernel.stages.map((old, position) => (position === index ? collect : old)),
  };
  return {
    partial: prune({ kernel: partial, operands: [...operands, range] }),
    axis,
    rest: prune({ kernel: rest, operands: [...operands, range] }),
    scratch: range,
  };
}

/** The place of a part in scratch memory: an array per accumulator, parts behind each other, their points row-major. */
export function partAt({ axes }: Kernel, parts: number, k: number, axis: number): Affine {
  const strides = rowMajor(axes.map(({ extent }) => extent));
  const points = axes.reduce((product, { extent }) => product * extent, 1);
  while (strides.length <= axis) strides.push(0);
  strides[axis] = points;
  return { offset: k * points * parts, strides };
}

/** Where the scratch memory ends that operands already are. */
export function endOf(operands: readonly Operand[]): number {
  return operands.reduce<number>(
    (end, operand) => (typeof operand === "number" ? end : Math.max(end, operand.to)),
    0,
  );
}

/** So many bytes of scratch memory from a place on. */
export function rangeOf(from: number, bytes: number): ScratchRange {
  return { from, to: from + Math.ceil(bytes / alignment) * alignment };
}

export function rowMajor(extents: readonly number[]): number[] {
  const strides = extents.map(() => 1);
  for (let axis = extents.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (extents[axis + 1] ?? 1);
  return strides;
}
