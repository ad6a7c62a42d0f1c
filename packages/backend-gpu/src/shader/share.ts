/** How the lanes of a workgroup can share the points of a stage without changing its meaning. */

import {
  type Accumulator,
  type Bound,
  type Combine,
  evaluateAffine,
  inputsOf,
  type Kernel,
  type KernelScalar,
  type Location,
  loadsOf,
  points,
  type Stage,
} from "@adjoint/core/kernel";
import { isApartFrom } from "./apart.js";
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
    !isRunningProduct(stage) &&
    loadsOf(stage).every(({ buffer }) => !memory.isWritten(buffer)) &&
    storesApart(kernel, stage, memory)
  );
}

/**
 * A stage that stores products of floats as they run, which is done in order, by one thread for a point: the product of points in
 * the middle may overflow or vanish where no product from the first one does.
 */
export function isRunningProduct({ accumulators, stores }: Stage): boolean {
  return stores.length > 0 && accumulators.some(isFloat("mul"));
}

/** Of accumulators: whether they combine floats so. */
export function isFloat(combine: Combine): (accumulator: Accumulator) => boolean {
  return (accumulator) => accumulator.combine === combine && accumulator.value.dtype.startsWith("float");
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
  const places = [...stage.stores, ...loadsOf(stage).filter(({ buffer }) => memory.isWritten(buffer))];
  const isProved = stage.stores.every((store) => {
    const same = places.filter(({ buffer }) => memory.first(buffer) === memory.first(store.buffer));
    return isApartFrom(kernel, stage, store, same);
  });
  return isProved || areFoundApart(kernel, stage, places, memory);
}

/** Whether comparing all places one by one, where they are few and the same for all points of the kernel, finds them apart. */
function areFoundApart(kernel: Kernel, stage: Stage, places: readonly Location[], memory: Memory): boolean {
  const outer = kernel.axes.map(() => 0);
  const size = stage.axes.reduce((product, extent) => product * extent, 1);
  if (size * places.length > enumerable || places.some(({ indirect }) => indirect.length > 0)) return false;
  const moves = places.map(({ offset }) => outer.map((_, axis) => offset.strides[axis] ?? 0).join());
  if (new Set(moves).size > 1) return false;
  const isFixed = ({ value }: Bound): boolean => outer.every((_, axis) => (value.strides[axis] ?? 0) === 0);
  const touchedBy = (place: Location, point: readonly number[]): number | undefined => {
    const isInside = place.bounds.filter(isFixed).every(({ value, extent }) => {
      const at = evaluateAffine(value, point);
      return at >= 0 && at < extent;
    });
    return isInside ? evaluateAffine(place.offset, point) : undefined;
  };
  const owners = new Map<string, number>();
  const all = [...points(stage.axes)].map((inner) => [...outer, ...inner]);
  const isTaken = (place: Location, index: number, claim: boolean): boolean => {
    const at = touchedBy(place, all[index] ?? []);
    if (at === undefined) return false;
    const key = `${memory.first(place.buffer)} ${at}`;
    const owner = owners.get(key);
    if (claim && owner === undefined) owners.set(key, index);
    return owner !== undefined && owner !== index;
  };
  if (stage.stores.some((store) => all.some((_, index) => isTaken(store, index, true)))) return false;
  return !places.some((place) => all.some((_, index) => isTaken(place, index, false)));
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
