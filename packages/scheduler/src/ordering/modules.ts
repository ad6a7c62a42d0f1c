/**
 * Parts of a dataflow that meet the rest at no more than one operation before and one after. It refuses to order them.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { type Neighbors, predecessorsIn, successorsIn } from "../dataflow/neighbors.js";
import { dominators, type Tree } from "./dominators.js";

export interface Module {
  /** The operation that everything inside comes after; -1 where nothing enters. */
  readonly entry: number;
  /** The operation that everything inside comes before; -1 where nothing leaves. */
  readonly exit: number;
}

/**
 * The modules, inner ones before those around them. Of a chain of modules, each one and then the whole chain. `order`
 * is a legal order. None when the effort is not enough.
 */
export function modulesOf(flow: Dataflow, order: Int32Array, effort: Effort): Module[] {
  const before = predecessorsIn(flow);
  const after = successorsIn(flow);
  const reverse = order.slice().reverse();
  const above = dominators(order, before, effort);
  const below = dominators(reverse, after, effort);
  if (above === undefined || below === undefined) return [];
  const paired = (o: number): number => {
    const next = below.parent[o] ?? -1;
    return next >= 0 && above.parent[next] === o ? next : -1;
  };
  const modules: Module[] = [];
  for (const entry of [...reverse].sort((a, b) => (above.depth[b] ?? 0) - (above.depth[a] ?? 0))) {
    const exit = paired(entry);
    if (exit < 0) continue;
    modules.push({ entry, exit });
    const previous = above.parent[entry] ?? -1;
    if (previous >= 0 && paired(previous) === entry) continue;
    let end = exit;
    while (paired(end) >= 0) end = paired(end);
    if (end !== exit) modules.push({ entry, exit: end });
  }
  const closedAfter = closed(reverse, above, after);
  for (const entry of reverse) if (closedAfter[entry] === 1) modules.push({ entry, exit: -1 });
  const closedBefore = closed(order, below, before);
  for (const exit of order) if (closedBefore[exit] === 1) modules.push({ entry: -1, exit });
  return modules;
}

/**
 * 1 where nothing below the operation in the tree has a neighbor elsewhere. A neighbor is below the parent it has in
 * the tree, so the operations for which it is elsewhere are those below that parent on the way to whoever has it.
 */
function closed(order: Int32Array, { parent, depth }: Tree, next: Neighbors): Uint8Array {
  const reach = new Int32Array(order.length).fill(order.length + 1);
  const result = new Uint8Array(order.length);
  for (const o of order) {
    let least = reach[o] ?? 0;
    next(o, (other) => {
      const up = parent[other] ?? -1;
      least = Math.min(least, up < 0 ? 0 : (depth[up] ?? 0));
    });
    if (least >= (depth[o] ?? 0)) result[o] = 1;
    const up = parent[o] ?? -1;
    if (up >= 0) reach[up] = Math.min(reach[up] ?? 0, least);
  }
  return result;
}
