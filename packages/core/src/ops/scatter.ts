/**
 * The scatter kernel and its float64 definition. Axes that base and updates share run in parallel, whatever collides runs
 * in row-major order, so that sums are the same on every backend. It refuses to know nodes.
 */

import { combines } from "../kernel/combine.js";
import type { Axis, Indirect, Kernel } from "../kernel/kernel.js";
import { type Affine, addAffine, axisTimes, composeAffine, scaleAffine, zero } from "../lowering/affine.js";
import type { Division, OperandPart } from "../lowering/division.js";
import { broadcastAccess, isComputed } from "../lowering/loops.js";
import { loadAt, offsetOf, readBuffer, storeAt, writeBuffer } from "../lowering/opaque.js";
import { evaluateScalar } from "../scalar/operations.js";
import { extentOf, type Shape, sizeOf, stridesOf } from "../shape.js";
import type { TensorType } from "../tensor.js";

export type ScatterMode = "set" | "add" | "min" | "max";

export function isScatterMode(value: string): value is ScatterMode {
  return value === "set" || value === "add" || value === "min" || value === "max";
}

export interface Scattering {
  readonly base: TensorType;
  readonly updates: TensorType;
  readonly indices: readonly TensorType[];
  /** Per axis of base: an axis of updates, or -1 - j for index operand j. */
  readonly sources: readonly number[];
  readonly mode: ScatterMode;
}

/** Stores of one cache line stay together in the innermost loop. */
const longestLane = 16;

function laneOf(extent: number): number {
  for (let lane = Math.min(extent, longestLane); lane > 1; lane--) {
    if (extent % lane === 0) return lane;
  }
  return 1;
}

/** How the axes of base are spread over the loops of the kernel. */
interface Layout {
  readonly axes: readonly Axis[];
  /** Per axis of base that runs in parallel: its position but for the lane. */
  readonly parallel: ReadonlyMap<number, Affine>;
  /** The axis of base whose innermost part is a stage axis. */
  readonly lane: { readonly axis: number; readonly extent: number } | undefined;
}

function layOut({ base, updates, sources }: Scattering): Layout {
  const axes: Axis[] = [];
  const parallel = new Map<number, Affine>();
  let lane: Layout["lane"];
  for (const [axis, source] of sources.entries()) {
    const extent = extentOf(base.shape, axis);
    if (source < 0 || updates.shape[source] !== extent) continue;
    const inner = axis === sources.length - 1 ? laneOf(extent) : 1;
    if (inner > 1) lane = { axis, extent: inner };
    parallel.set(axis, axisTimes(axes.length, inner));
    axes.push({ extent: extent / inner, order: "parallel" });
  }
  return { axes, parallel, lane };
}

/** The loops of one stage over a tensor: its axes that do not run in parallel, then the lane. */
function stageOver(
  shape: Shape,
  { axes: outer, parallel, lane }: Layout,
  baseAxisOf: (axis: number) => number,
): { axes: number[]; positions: Affine[] } {
  const axes: number[] = [];
  const positions = shape.map((extent, axis): Affine => {
    const known = parallel.get(baseAxisOf(axis));
    if (known === undefined) axes.push(extent);
    return known ?? axisTimes(outer.length + axes.length - 1);
  });
  if (lane === undefined) return { axes, positions };
  const innermost = axisTimes(outer.length + axes.length);
  axes.push(lane.extent);
  const spread = positions.map((position, axis) =>
    baseAxisOf(axis) === lane.axis ? addAffine(position, innermost) : position,
  );
  return { axes, positions: spread };
}

/** Buffers: base, updates, indices…, result. First base is copied, then updates are combined into it. */
export function scatterKernel(what: Scattering): Kernel {
  const { base, updates, indices, sources, mode } = what;
  const layout = layOut(what);
  const result = 2 + indices.length;
  const strides = stridesOf(base.shape);
  const copy = stageOver(base.shape, layout, (axis) => axis);
  const from = offsetOf(copy.positions, base.shape);
  const write = stageOver(updates.shape, layout, (axis) => sources.indexOf(axis));
  const value = loadAt(1, updates, offsetOf(write.positions, updates.shape));
  const indirect = sources.flatMap((source, axis): Indirect[] => {
    const operand = indices[-1 - source];
    if (operand === undefined) return [];
    const parts = broadcastAccess(operand.shape, updates.shape).index;
    const positions = parts.map((part) => (isComputed(part) ? zero : composeAffine(part, write.positions)));
    const index = loadAt(1 - source, operand, offsetOf(positions, operand.shape));
    return [{ index, stride: strides[axis] ?? 0, extent: extentOf(base.shape, axis) }];
  });
  const offset = sources.reduce(
    (total, source, axis) =>
      addAffine(total, scaleAffine(write.positions[source] ?? zero, strides[axis] ?? 0)),
    zero,
  );
  const combine = mode === "set" ? undefined : mode;
  return {
    buffers: [readBuffer(base), readBuffer(updates), ...indices.map(readBuffer), writeBuffer(base)],
    axes: layout.axes,
    stages: [
      { axes: copy.axes, accumulators: [], stores: [storeAt(result, from, loadAt(0, base, from))] },
      { axes: write.axes, accumulators: [], stores: [storeAt(result, offset, value, { indirect, combine })] },
    ],
    aliases: [[result, 0]],
  };
}

/**
 * Along an axis of the updates that is an axis of base too, everything is divided; along one that is not, updates are
 * terms where they are added.
 */
export function scatterDivisions({ base, updates, indices, sources, mode }: Scattering): Division[] {
  return updates.shape.flatMap((extent, axis): Division[] => {
    const paired = sources.indexOf(axis);
    const whole = paired >= 0 && base.shape[paired] === extent;
    if (!whole && (paired >= 0 || mode !== "add")) return [];
    const along = indices.map(({ shape }): OperandPart => {
      const own = axis - (updates.shape.length - shape.length);
      return own >= 0 && shape[own] === extent ? own : "whole";
    });
    return [{ operands: [whole ? paired : "term", axis, ...along], result: whole ? paired : "add" }];
  });
}

/** What a scatter means, point after point in row-major order. */
export function evaluateScatter(what: Scattering, buffers: readonly Float64Array[]): Float64Array {
  const { base, updates, indices, sources, mode } = what;
  const result = Float64Array.from(buffers[0] ?? []);
  const strides = stridesOf(updates.shape);
  const size = sizeOf(updates.shape);
  for (let position = 0; position < size; position++) {
    const point = updates.shape.map((extent, axis) => Math.floor(position / (strides[axis] ?? 1)) % extent);
    let address: number | undefined = 0;
    for (const [axis, source] of sources.entries()) {
      const extent = extentOf(base.shape, axis);
      const at: number =
        source >= 0
          ? (point[source] ?? 0)
          : elementAt(indices[-1 - source]?.shape ?? [], buffers[1 - source], point);
      address = address === undefined || at < 0 || at >= extent ? undefined : address * extent + at;
    }
    if (address === undefined) continue;
    const update = buffers[1]?.[position] ?? Number.NaN;
    const old = result[address] ?? Number.NaN;
    result[address] =
      mode === "set" ? update : evaluateScalar(combines[mode].op, base.dtype, base.dtype, old, update);
  }
  return result;
}

/** The element of a broadcast operand at a point. */
function elementAt(shape: Shape, elements: Float64Array | undefined, point: readonly number[]): number {
  const lead = point.length - shape.length;
  const address = shape.reduce(
    (total, extent, axis) => total * extent + (extent === 1 ? 0 : (point[lead + axis] ?? 0)),
    0,
  );
  return elements?.[address] ?? Number.NaN;
}
