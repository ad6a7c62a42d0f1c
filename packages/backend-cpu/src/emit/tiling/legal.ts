/** Which axes may be tiled, made lanes or reordered without changing what a nest computes. It refuses to judge speed. */

import { sameAffine } from "@adjoint/core/kernel";
import type { Nest, NestStage } from "../nest/nest.js";
import { has, type LoadNode } from "../nest/node.js";

/** Whether a stage needs its points in row-major order: it reads its own running values. */
function isOrdered(stage: NestStage): boolean {
  return stage.roots.some((root) => has(root.accumulators, stage.position));
}

/** Whether the loops of a stage may be nested in any order. */
export function isReorderable(stage: NestStage): boolean {
  return stage.stores.length === 0 && !isOrdered(stage);
}

/**
 * The axes of a stage of which several neighboring positions may be done at once, loads before stores. Stores must not be
 * seen by loads of other positions, and must not overtake each other.
 */
export function laneAxesOfStage(stage: NestStage): readonly number[] {
  if (isOrdered(stage)) return [];
  if (stage.stores.length === 0) return stage.axes;
  const axis = stage.axes.at(-1);
  if (axis === undefined || stage.stores.some(({ combine }) => combine !== undefined)) return [];
  if (new Set(stage.stores.map(({ buffer }) => buffer)).size < stage.stores.length) return [];
  const loads = stage.nodes.filter((node): node is LoadNode => node.kind === "load");
  const independent = loads.every((load) => {
    const store = stage.stores.find(({ buffer }) => buffer === load.buffer);
    if (store === undefined) return true;
    const here = sameAffine(load.offset, store.offset) && load.indirect.length + store.indirect.length === 0;
    return here && (store.offset.strides[axis] ?? 0) !== 0;
  });
  return independent ? [axis] : [];
}

/** The kernel axes in their order, one moved as far inside as the order of sequential axes allows. */
export function innermost(nest: Nest, axis: number): number[] {
  const order = nest.axes.filter((other) => other !== axis);
  let position = nest.axes.indexOf(axis);
  while (position < order.length && nest.parallel.has(order[position] ?? -1)) position++;
  order.splice(position, 0, axis);
  return order;
}
