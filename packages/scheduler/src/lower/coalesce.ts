/**
 * Canonical axes: drops axes of extent 1 and merges neighbors that every access walks as one, so that kernels of equal
 * structure become equal and inner loops long. It refuses to reorder.
 */

import {
  type Affine,
  type Bound,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Location,
  loadsOf,
  rootsOf,
  type Stage,
  scalarsOf,
  substitute,
} from "@adjoint/core/kernel";

interface Loop {
  readonly extent: number;
  /** Whether it may merge with the loop before it: the same kind, in the same place. */
  readonly group: number;
}

export function coalesce(kernel: Kernel): Kernel {
  const outer = kernel.axes.length;
  const outerLoops = kernel.axes.map(
    ({ extent, order }): Loop => ({ extent, group: order === "parallel" ? 0 : 1 }),
  );
  const keepOuter = mergeable(
    outerLoops,
    0,
    kernel.stages.flatMap((stage) => affinesOf(stage)),
    coordinatesOf(kernel.stages),
  );
  const axes = keepOuter.map((group) => ({
    extent: product(group.map((axis) => kernel.axes[axis]?.extent ?? 1)),
    order: kernel.axes[group[0] ?? 0]?.order ?? "parallel",
  }));
  const stages = kernel.stages.map((stage): Stage => {
    const loops = stage.axes.map((extent): Loop => ({ extent, group: 0 }));
    const keepInner =
      stage.accumulators.length > 0 && stage.stores.length > 0
        ? stage.axes.map((_, axis) => [outer + axis])
        : mergeable(loops, outer, affinesOf(stage), coordinatesOf([stage]));
    const groups = [...keepOuter, ...keepInner];
    return {
      ...remapStage(stage, groups),
      axes: keepInner.map((group) => product(group.map((axis) => stage.axes[axis - outer] ?? 1))),
    };
  });
  return { ...kernel, axes, stages };
}

/** Groups of axis numbers, outermost first: each becomes one axis that counts like its last member. */
function mergeable(
  loops: readonly Loop[],
  first: number,
  affines: readonly Affine[],
  coordinates: ReadonlySet<number>,
): number[][] {
  const groups: number[][] = [];
  for (const [index, loop] of loops.entries()) {
    const axis = first + index;
    if (loop.extent === 1 && !coordinates.has(axis)) continue;
    const last = groups.at(-1);
    const previous = last?.at(-1);
    const merges =
      last !== undefined &&
      previous !== undefined &&
      loops[previous - first]?.group === loop.group &&
      !coordinates.has(previous) &&
      !coordinates.has(axis) &&
      affines.every((affine) => strideAt(affine, previous) === strideAt(affine, axis) * loop.extent);
    if (merges) last.push(axis);
    else groups.push([axis]);
  }
  return groups;
}

function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}

function strideAt(affine: Affine, axis: number): number {
  return affine.strides[axis] ?? 0;
}

function affinesOf(stage: Stage): Affine[] {
  return [...loadsOf(stage), ...stage.stores].flatMap(({ offset, bounds }) => [
    offset,
    ...bounds.map((bound) => bound.value),
  ]);
}

function coordinatesOf(stages: readonly Stage[]): Set<number> {
  const leaves = stages.flatMap((stage) => scalarsOf(rootsOf(stage)));
  return new Set(leaves.flatMap((leaf) => (leaf.kind === "coordinate" ? [leaf.axis] : [])));
}

function remapStage(stage: Stage, groups: readonly (readonly number[])[]): Stage {
  const affine = (a: Affine): Affine => ({
    offset: a.offset,
    strides: groups.map((group) => strideAt(a, group.at(-1) ?? 0)),
  });
  const bound = ({ value, extent }: Bound): Bound => ({ value: affine(value), extent });
  const done = new Map<KernelScalar, KernelScalar>();
  const location = <L extends Location>(at: L): L => ({
    ...at,
    offset: affine(at.offset),
    bounds: at.bounds.map(bound),
    indirect: at.indirect.map((part) => ({ ...part, index: remap(part.index) })),
  });
  const leaf = (value: KernelLeaf): KernelScalar => {
    if (value.kind === "load") return location(value);
    if (value.kind === "accumulator") return value;
    return { ...value, axis: groups.findIndex((group) => group.includes(value.axis)) };
  };
  const remap = (scalar: KernelScalar): KernelScalar =>
    substitute<KernelLeaf, KernelLeaf>(scalar, leaf, done);
  return {
    axes: stage.axes,
    accumulators: stage.accumulators.map((accumulator) => ({
      ...accumulator,
      value: remap(accumulator.value),
    })),
    stores: stage.stores.map((store) => ({ ...location(store), value: remap(store.value) })),
  };
}
