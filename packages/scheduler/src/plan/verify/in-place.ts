/**
 * Whether a kernel may write its last buffer where one that it reads is: decided anew, from the elements that its points
 * load and store, whatever the kernel says of itself. It errs on the side of no, and shares no code with the planner.
 */

import {
  type Affine,
  type Kernel,
  type Location,
  loadsOf,
  type Stage,
  type Store,
} from "@adjoint/core/kernel";

/** A direction in which elements of a buffer lie apart: so many of them, at a distance. */
interface Run {
  readonly stride: number;
  readonly extent: number;
}

/**
 * Points of the kernel may run in any order, each stage by stage. What a point stores, no other may load; and what it loads of
 * that, it must have loaded: before the first stage that stores, or there for the same element.
 */
export function mayOverwrite(kernel: Kernel, read: number): boolean {
  const target = kernel.buffers.length - 1;
  if (kernel.buffers[read]?.dtype !== kernel.buffers[target]?.dtype) return false;
  if (kernel.buffers[target]?.size === 0) return true;
  const outer = kernel.axes.length;
  const [first, ...later] = kernel.stages.flatMap((stage, at) =>
    stage.stores.filter(({ buffer }) => buffer === target).map((store) => ({ stage, at, store })),
  );
  if (first === undefined || !storesOnce(kernel, first.stage, first.store)) return false;
  const stored = runsOf(first.store, first.stage, outer);
  const isOfPoint = (location: Location, stage: Stage): boolean =>
    samePoint(kernel, location.offset, first.store.offset) && within(runsOf(location, stage, outer), stored);
  if (!later.every(({ stage, at, store }) => at > first.at && isOfPoint(store, stage))) return false;
  return kernel.stages.every((stage, at) =>
    loadsOf(stage)
      .filter(({ buffer }) => buffer === read)
      .every((load) =>
        at === first.at
          ? sameElement(kernel, stage, load, first.store)
          : at < first.at && load.indirect.length === 0 && isOfPoint(load, stage),
      ),
  );
}

/** Whether two accesses of one stage are to the same element whenever they happen. */
function sameElement(kernel: Kernel, { axes }: Stage, one: Location, other: Location): boolean {
  const outer = kernel.axes.length;
  return (
    one.indirect.length === 0 &&
    samePoint(kernel, one.offset, other.offset) &&
    axes.every(
      (extent, axis) =>
        extent === 1 || strideOf(one.offset, outer + axis) === strideOf(other.offset, outer + axis),
    )
  );
}

/** Whether no two points store to one element: each run is longer than all that lies closer together. */
function storesOnce({ axes }: Kernel, stage: Stage, { offset, indirect, bounds }: Store): boolean {
  if (indirect.length > 0 || bounds.length > 0) return false;
  const extents = [...axes.map(({ extent }) => extent), ...stage.axes];
  const runs = extents
    .map((extent, axis): Run => ({ extent, stride: Math.abs(strideOf(offset, axis)) }))
    .filter(({ extent }) => extent !== 1)
    .sort((a, b) => a.stride - b.stride);
  let span = 1;
  for (const { extent, stride } of runs) {
    if (stride < span) return false;
    span += stride * (extent - 1);
  }
  return true;
}

/** Whether two accesses begin at the same element for every point. */
function samePoint({ axes }: Kernel, one: Affine, other: Affine): boolean {
  return (
    one.offset === other.offset &&
    axes.every(({ extent }, axis) => extent === 1 || strideOf(one, axis) === strideOf(other, axis))
  );
}

/** Where the accesses of a stage go from there. */
function runsOf({ offset, indirect }: Location, { axes }: Stage, outer: number): Run[] {
  const direct = axes.map((extent, axis): Run => ({ extent, stride: strideOf(offset, outer + axis) }));
  return [...direct, ...indirect].filter(({ extent, stride }) => extent !== 1 && stride !== 0);
}

/** Whether some runs stay among the elements of others. */
function within(some: readonly Run[], others: readonly Run[]): boolean {
  const left = [...others];
  return some.every(({ stride, extent }) => {
    const at = left.findIndex((run) => run.stride === stride && run.extent >= extent);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function strideOf({ strides }: Affine, axis: number): number {
  return strides[axis] ?? 0;
}
