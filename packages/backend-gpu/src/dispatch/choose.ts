/** The sizes of workgroups and the number of parts, from the extents of a kernel: by rules, without measuring. */

import { extentsOf, type Kernel, loadsOf, type Stage } from "@adjoint/core/kernel";
import { appendAxis } from "../kernel/rewrite.js";
import { Memory } from "../shader/memory.js";
import { run } from "../shader/scan.js";
import { loopedAxes, type NestShape, type Wide } from "../shader/shape.js";
import { isOwnable, isRunningProduct, isScan } from "../shader/share.js";
import { lastPoints, quadsOf } from "../shader/wide.js";

/** Threads of a workgroup: every device has as many. */
const threads = 256;
/** Threads that fill a large device. */
const many = 1 << 15;
/** Elements that a thread should find before more threads are worth their sum. */
const enough = 16;
/** Neighbors that a lane should find: two quads. */
const each = 8;

/** Points of the axes that are spread over threads. */
export function pointsOf(kernel: Kernel): number {
  const looped = loopedAxes(kernel);
  return kernel.axes.reduce(
    (product, { extent }, axis) => (looped.has(axis) ? product : product * extent),
    1,
  );
}

function lengthOf({ axes }: Stage): number {
  return axes.reduce((product, extent) => product * extent, 1);
}

/** Points of the longest stage. */
export function workOf({ stages }: Kernel): number {
  return Math.max(1, ...stages.map(lengthOf));
}

function powerOfTwo(atMost: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, atMost)));
}

/** A power of two that is not less, but for the largest allowed. */
function powerOfTwoUp(value: number, most: number): number {
  return Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, value))));
}

/** `part` is an axis that counts parts, which are far from each other. */
export function chooseShape(kernel: Kernel, part?: number): NestShape {
  const points = pointsOf(kernel);
  const work = workOf(kernel);
  const alone: NestShape = {
    points: points >= many ? threads : powerOfTwoUp(points, 64),
    lanes: 1,
    fastest: "points",
  };
  if (work < 8 || kernel.stages.some(isRunningProduct)) return alone;
  if (isContiguousInStage(kernel, part)) {
    if (work < 2 * each || (points >= many && work < 32)) return alone;
    const most = points >= many ? 32 : points >= 1024 ? 64 : threads;
    const lanes = powerOfTwo(Math.min(most, work / each));
    return { points: Math.max(1, Math.min(64 / lanes, powerOfTwoUp(points, 64))), lanes, fastest: "lanes" };
  }
  const taken = quadsToTake(kernel, "points", part).size === 0 ? points : points / 4;
  if (taken >= many) return alone;
  const wide = powerOfTwoUp(taken, 32);
  const wanted = Math.min(threads / wide, many / taken, work / 4);
  return { points: wide, lanes: powerOfTwo(wanted), fastest: "points" };
}

/**
 * Whether neighbors along the longest stage are neighbors in memory, rather than neighbors along the last axis of the points:
 * for most of the elements that are touched.
 */
function isContiguousInStage(kernel: Kernel, part?: number): boolean {
  const stage = kernel.stages.reduce<Stage | undefined>(
    (longest, other) => (longest === undefined || lengthOf(other) > lengthOf(longest) ? other : longest),
    undefined,
  );
  if (stage === undefined) return false;
  const extents = extentsOf(kernel, stage);
  const inner = extents.length - 1;
  let balance = 0;
  for (const { offset } of [...loadsOf(stage), ...stage.stores]) {
    const reached = extents.reduce(
      (n, extent, axis) => ((offset.strides[axis] ?? 0) === 0 ? n : n * extent),
      1,
    );
    if (Math.abs(offset.strides[inner] ?? 0) === 1) balance += reached;
    if (Math.abs(offset.strides[lastPoints(kernel, part)] ?? 0) === 1) balance -= reached;
  }
  return balance >= 0;
}

/** Elements of a kernel's loops from which it pays to take four at a time. */
const long = 1 << 15;

/** The buffers to bind in quads where a kernel is long enough to be taken four neighbors at a time. */
function quadsToTake(kernel: Kernel, wide: Wide, part?: number): ReadonlySet<number> {
  return pointsOf(kernel) * workOf(kernel) < long ? new Set() : quadsOf(kernel, wide, part);
}

/** The same shape with four neighbors at a time, and the buffers to bind in quads, where that suits the kernel. */
export function widen(
  kernel: Kernel,
  shape: NestShape,
): { readonly shape: NestShape; readonly quads: ReadonlySet<number> } {
  const wide = shape.fastest === "lanes" && shape.lanes > 1 ? "stages" : "points";
  const quads = quadsToTake(kernel, wide, shape.part?.axis);
  return { shape: quads.size === 0 ? shape : { ...shape, wide }, quads };
}

export type Parts =
  | { readonly kind: "scan"; readonly count: number }
  | { readonly kind: "sum"; readonly stage: number; readonly count: number }
  | { readonly kind: "owned"; readonly kernel: Kernel; readonly axis: number; readonly count: number };

/** Whether a stage should be done in parts by several workgroups, because a few could not keep a device busy. */
export function partsFor(kernel: Kernel): Parts | undefined {
  if (loopedAxes(kernel).size > 0) return undefined;
  const points = pointsOf(kernel);
  const [first] = kernel.stages;
  const memory = plainMemory(kernel);
  if (first !== undefined && kernel.stages.length === 1 && isOwnable(first, memory)) {
    const count = powerOfTwo(Math.min(64, many / points / 64, lengthOf(first) / 16));
    if (count > 1)
      return { kind: "owned", kernel: appendAxis(kernel, count), axis: kernel.axes.length, count };
    return undefined;
  }
  const { points: wide, lanes } = chooseShape(kernel);
  const groups = Math.ceil(points / wide);
  if (groups > 256) return undefined;
  const isLong = (stage: Stage): boolean => lengthOf(stage) > 4 * lanes * enough;
  const most = Math.min(Math.ceil(1024 / groups), 512);
  if (first !== undefined && kernel.stages.length === 1 && isLong(first) && isScan(kernel, first, memory)) {
    // Of whole blocks, as many in each.
    const blocks = Math.ceil(lengthOf(first) / (lanes * run));
    return { kind: "scan", count: Math.ceil(blocks / Math.ceil(blocks / most)) };
  }
  const stage = kernel.stages.findIndex(
    (candidate) => candidate.stores.length === 0 && candidate.accumulators.length > 0 && isLong(candidate),
  );
  const candidate = kernel.stages[stage];
  if (candidate === undefined) return undefined;
  const count = Math.min(Math.floor(lengthOf(candidate) / (lanes * enough)), most);
  return count > 1 ? { kind: "sum", stage, count } : undefined;
}

/** Each buffer bound by itself. */
function plainMemory(kernel: Kernel): Memory {
  return new Memory(
    kernel,
    kernel.buffers.map((_, binding) => ({ binding, base: 0 })),
    [],
  );
}
