/**
 * Simplifies the axes of a kernel before anything is emitted: axes of extent 1 disappear, parallel axes are put in the
 * order in which the result lies in memory, and neighbors that every access walks as one become one. Each remaining axis
 * gets a number of its own: kernel axes first, then those of each stage. Leading axes whose position the function is given
 * keep their numbers. It refuses to change what is computed.
 */

import { type Affine, type Kernel, loadsOf, rootsOf, type Stage, scalarsOf } from "@adjoint/core/kernel";

/** Old axes that are walked as one, outermost first; numbered as in the kernel and stage they come from. */
interface Group {
  readonly members: readonly number[];
  readonly extent: number;
  readonly parallel: boolean;
}

export interface Axes {
  /** Extent of every new axis. */
  readonly extents: readonly number[];
  /** The new axes of the kernel and whether each is parallel. */
  readonly kernel: readonly number[];
  readonly parallel: ReadonlySet<number>;
  readonly stages: readonly StageAxes[];
}

export interface StageAxes {
  readonly axes: readonly number[];
  /** An affine expression of the stage over the new axes. */
  translate(affine: Affine): Affine;
  /** The new axis of an old one, or undefined where its position is always 0. */
  axisOf(old: number): number | undefined;
}

export function simplifyAxes(kernel: Kernel, given = 0): Axes {
  const rank = kernel.axes.length;
  const uses = kernel.stages.map((stage) => usesOf(stage));
  const single = kernel.axes.map(({ extent, order }, axis): Group => {
    return { members: [axis], extent, parallel: order === "parallel" && axis >= given };
  });
  const everything = {
    affines: uses.flatMap((use) => use.affines),
    coordinates: new Set(uses.flatMap((use) => [...use.coordinates])),
  };
  const loops = sortRuns(single.slice(given).filter(wide), storeStrides(kernel));
  const outer = [...single.slice(0, given), ...merge(loops, everything)];
  const inner = kernel.stages.map((stage, position) =>
    merge(
      stage.axes
        .map((extent, axis): Group => ({ members: [rank + axis], extent, parallel: false }))
        .filter(wide),
      uses[position] ?? everything,
    ),
  );
  const extents: number[] = [];
  const number = (groups: readonly Group[]): number[] => groups.map(({ extent }) => extents.push(extent) - 1);
  const kernelAxes = number(outer);
  const stages = inner.map((groups) => stageAxes(outer, kernelAxes, groups, number(groups)));
  const parallel = new Set(kernelAxes.filter((_, position) => outer[position]?.parallel));
  return { extents, kernel: kernelAxes, parallel, stages };
}

function wide({ extent }: Group): boolean {
  return extent !== 1;
}

interface Uses {
  readonly affines: readonly Affine[];
  readonly coordinates: ReadonlySet<number>;
}

function usesOf(stage: Stage): Uses {
  const scalars = scalarsOf(rootsOf(stage));
  const places = [...loadsOf(stage), ...stage.stores];
  return {
    affines: places.flatMap(({ offset, bounds }) => [offset, ...bounds.map((bound) => bound.value)]),
    coordinates: new Set(scalars.flatMap((scalar) => (scalar.kind === "coordinate" ? [scalar.axis] : []))),
  };
}

function storeStrides(kernel: Kernel): readonly number[] {
  const stores = kernel.stages.flatMap((stage) => stage.stores);
  return stores.at(-1)?.offset.strides ?? [];
}

/** Sorts each run of parallel axes by descending stride in the result, where all of them have one. */
function sortRuns(groups: readonly Group[], strides: readonly number[]): Group[] {
  const strideOf = ({ members }: Group): number => Math.abs(strides[members[0] ?? 0] ?? 0);
  const sorted: Group[] = [];
  for (let start = 0; start < groups.length; ) {
    let stop = start + 1;
    while (stop < groups.length && groups[stop]?.parallel === groups[start]?.parallel) stop++;
    const run = groups.slice(start, stop);
    const sortable = run[0]?.parallel === true && run.every((group) => strideOf(group) !== 0);
    sorted.push(...(sortable ? run.sort((a, b) => strideOf(b) - strideOf(a)) : run));
    start = stop;
  }
  return sorted;
}

function merge(groups: readonly Group[], { affines, coordinates }: Uses): Group[] {
  const merged: Group[] = [];
  for (const group of groups) {
    const last = merged.at(-1);
    if (last !== undefined && contiguous(last, group, affines, coordinates)) {
      merged[merged.length - 1] = {
        members: [...last.members, ...group.members],
        extent: last.extent * group.extent,
        parallel: group.parallel,
      };
    } else merged.push(group);
  }
  return merged;
}

function contiguous(
  outer: Group,
  inner: Group,
  affines: readonly Affine[],
  coordinates: ReadonlySet<number>,
): boolean {
  if (outer.parallel !== inner.parallel) return false;
  if ([...outer.members, ...inner.members].some((member) => coordinates.has(member))) return false;
  return affines.every(
    ({ strides }) =>
      (strides[outer.members.at(-1) ?? -1] ?? 0) ===
      (strides[inner.members.at(-1) ?? -1] ?? 0) * inner.extent,
  );
}

function stageAxes(
  outer: readonly Group[],
  kernelAxes: readonly number[],
  groups: readonly Group[],
  axes: readonly number[],
): StageAxes {
  const newAxis = new Map<number, number>();
  const innermost = new Map<number, number>();
  const note = (list: readonly Group[], numbers: readonly number[]): void => {
    for (const [position, { members }] of list.entries()) {
      const axis = numbers[position] ?? -1;
      for (const member of members) newAxis.set(member, axis);
      innermost.set(members.at(-1) ?? -1, axis);
    }
  };
  note(outer, kernelAxes);
  note(groups, axes);
  const rank = Math.max(0, ...kernelAxes.map((axis) => axis + 1), ...axes.map((axis) => axis + 1));
  return {
    axes,
    axisOf: (old) => newAxis.get(old),
    translate: ({ offset, strides }) => {
      const moved = new Array<number>(rank).fill(0);
      for (const [old, axis] of innermost) moved[axis] = strides[old] ?? 0;
      return { offset, strides: moved };
    },
  };
}
