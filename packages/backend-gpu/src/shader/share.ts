/** How the lanes of a workgroup can share the points of a stage without changing its meaning. */

import {
  evaluateAffine,
  extentsOf,
  inputsOf,
  type Kernel,
  type KernelScalar,
  loadsOf,
  points,
  type Stage,
} from "@adjoint/core/kernel";
import type { Memory } from "./memory.js";

/**
 * `alone`: there is one lane. `combined`: each lane accumulates a part, combined afterwards. `scanned`: lanes take neighbors, and
 * what those before them accumulated. `apart`: lanes store to different places. `owned`: every lane visits all points and
 * stores what it owns. `first`: only the first lane runs, because points depend on each other.
 */
export type Share = "alone" | "combined" | "scanned" | "apart" | "owned" | "first";

/** Points of a stage up to which the places it stores to are compared one by one. */
const enumerable = 1 << 14;

export function shareOf(
  kernel: Kernel,
  stage: Stage,
  memory: Memory,
  { lanes, parted }: { readonly lanes: number; readonly parted: boolean },
): Share {
  if (lanes === 1) return parted && isOwnable(stage, memory) ? "owned" : "alone";
  if (stage.axes.length === 0) return "apart";
  if (stage.stores.length === 0) return "combined";
  if (stage.accumulators.length > 0) return isScan(kernel, stage, memory) ? "scanned" : "first";
  if (parted && isOwnable(stage, memory)) return "owned";
  if (storesApart(kernel, stage, memory)) return "apart";
  return isOwnable(stage, memory) ? "owned" : "first";
}

/** A stage that stores its running accumulators, each point to a place of its own, and reads nothing of what it writes. */
export function isScan(kernel: Kernel, stage: Stage, memory: Memory): boolean {
  return (
    stage.accumulators.length > 0 &&
    stage.stores.length > 0 &&
    loadsOf(stage).every(({ buffer }) => !memory.isWritten(buffer)) &&
    storesApart(kernel, stage, memory)
  );
}

/** A single store through a computed index that reads nothing else of what it writes. */
export function isOwnable(stage: Stage, memory: Memory): boolean {
  const [store, ...others] = stage.stores;
  return (
    store !== undefined &&
    others.length === 0 &&
    store.indirect.length > 0 &&
    stage.accumulators.length === 0 &&
    loadsOf(stage).every(({ buffer }) => !memory.isWritten(buffer))
  );
}

/** Whether no two points of a stage touch an element that one of them stores to. */
export function storesApart(kernel: Kernel, stage: Stage, memory: Memory): boolean {
  const own = loadsOf(stage).filter(({ buffer }) => memory.isWritten(buffer));
  const places = [...stage.stores, ...own];
  if (stage.stores.some(({ indirect }) => indirect.length > 0)) return false;
  if (own.some(({ indirect }) => indirect.length > 0)) return false;
  const outer = kernel.axes.length;
  const [store, ...more] = stage.stores;
  if (store !== undefined && more.length === 0 && places.every(({ buffer }) => buffer === store.buffer)) {
    const same = own.every(
      ({ offset }) =>
        extentsOf(kernel, stage).every(
          (_, axis) => (offset.strides[axis] ?? 0) === (store.offset.strides[axis] ?? 0),
        ) && offset.offset === store.offset.offset,
    );
    if (same && isNested(stage.axes.map((extent, k) => [extent, store.offset.strides[outer + k] ?? 0])))
      return true;
  }
  return total(stage) * places.length <= enumerable && differInAll(kernel, stage, memory);
}

function total({ axes }: Stage): number {
  return axes.reduce((product, extent) => product * extent, 1);
}

/** Strides so far apart that every position is reached once. */
function isNested(axes: readonly (readonly [extent: number, stride: number])[]): boolean {
  const sorted = axes
    .filter(([extent]) => extent > 1)
    .map(([extent, stride]) => [extent, Math.abs(stride)] as const)
    .sort((a, b) => a[1] - b[1]);
  let reach = 0;
  for (const [extent, stride] of sorted) {
    if (stride <= reach) return false;
    reach += stride * (extent - 1);
  }
  return true;
}

function differInAll(kernel: Kernel, stage: Stage, memory: Memory): boolean {
  const owner = new Map<string, number>();
  const outer = kernel.axes.map(() => 0);
  const loads = loadsOf(stage).filter(({ buffer }) => memory.isWritten(buffer));
  const visit = (
    places: Stage["stores"] | typeof loads,
    point: readonly number[],
    index: number,
    claim: boolean,
  ) =>
    places.every(({ buffer, offset, bounds }) => {
      const fits = bounds.every(({ value, extent }) => {
        const at = evaluateAffine(value, point);
        return at >= 0 && at < extent;
      });
      if (!fits) return true;
      const key = `${buffer} ${evaluateAffine(offset, point)}`;
      const known = owner.get(key);
      if (claim && known === undefined) owner.set(key, index);
      return known === undefined || known === index;
    });
  for (const [loadsToo, places] of [
    [true, stage.stores],
    [false, loads],
  ] as const) {
    let index = 0;
    for (const inner of points(stage.axes)) {
      if (!visit(places, [...outer, ...inner], index++, loadsToo)) return false;
    }
  }
  return true;
}

/** Tells which scalars of a stage have to be evaluated at each of its points; the others are the same for all. */
export function variesIn(
  kernel: Kernel,
  stage: Stage,
  index: number,
  memory: Memory,
): (scalar: KernelScalar) => boolean {
  const outer = kernel.axes.length;
  const known = new Map<KernelScalar, boolean>();
  const uses = ({ strides }: { readonly strides: readonly number[] }): boolean =>
    strides.some((stride, axis) => axis >= outer && stride !== 0);
  const leaf = (scalar: KernelScalar): boolean => {
    if (scalar.kind === "coordinate") return scalar.axis >= outer;
    if (scalar.kind === "accumulator") return scalar.stage === index;
    if (scalar.kind !== "load") return false;
    return (
      (memory.isWritten(scalar.buffer) && stage.stores.length > 0) ||
      uses(scalar.offset) ||
      scalar.bounds.some(({ value }) => uses(value))
    );
  };
  const varies = (scalar: KernelScalar): boolean => {
    const found = known.get(scalar);
    if (found !== undefined) return found;
    const result = leaf(scalar) || inputsOf(scalar).some(varies);
    known.set(scalar, result);
    return result;
  };
  return stage.axes.length === 0 ? () => true : varies;
}
