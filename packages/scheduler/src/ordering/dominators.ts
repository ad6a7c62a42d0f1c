/** Who must run before and after whom: the dominator trees of a dataflow. It refuses to look at memory. */

import type { Effort } from "../dataflow/effort.js";
import type { Neighbors } from "../dataflow/neighbors.js";

export interface Tree {
  /** Per operation, the nearest other one on every path from the entry; -1 for the entry itself. */
  readonly parent: Int32Array;
  /** 1 below the entry. */
  readonly depth: Int32Array;
}

/**
 * The dominator tree in one pass over a topological order: Cooper, Harvey, Kennedy, "A simple, fast dominance
 * algorithm" (2001), which needs one pass where there are no cycles. Undefined when the effort is not enough.
 */
export function dominators(order: Int32Array, before: Neighbors, effort: Effort): Tree | undefined {
  const parent = new Int32Array(order.length).fill(-1);
  const depth = new Int32Array(order.length);
  for (const o of order) {
    let common = -2;
    let climbed = 1;
    before(o, (other) => {
      let a = other;
      let b = common;
      if (b === -2) b = a;
      while (a !== b) {
        climbed++;
        const deeper = (a < 0 ? 0 : (depth[a] ?? 0)) - (b < 0 ? 0 : (depth[b] ?? 0));
        if (deeper >= 0) a = parent[a] ?? -1;
        if (deeper <= 0) b = parent[b] ?? -1;
      }
      common = a;
    });
    if (!effort.spend(climbed / 8)) return undefined;
    parent[o] = common < 0 ? -1 : common;
    depth[o] = common < 0 ? 1 : (depth[common] ?? 0) + 1;
  }
  return { parent, depth };
}
