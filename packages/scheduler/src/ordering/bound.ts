/** Lower bounds on the peak of any order. It refuses to look for an order. */

import { Closure } from "../dataflow/closure.js";
import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { predecessorsIn, reachedFrom, successorsIn } from "../dataflow/neighbors.js";
import { rowOf } from "../dataflow/rows.js";

/** The most that a single operation needs, its inputs, its outputs and its workspace, or else what is kept at the end. */
export function operandBound(flow: Dataflow): number {
  let bound = flow.size.reduce((sum, size, v) => sum + (flow.kept[v] ?? 0) * size, 0);
  for (let o = 0; o < flow.operations; o++) {
    let bytes = flow.demand[o] ?? 0;
    for (let k = flow.inputs.start[o] ?? 0, end = flow.inputs.start[o + 1] ?? 0; k < end; k++) {
      bytes += flow.size[flow.inputs.items[k] ?? 0] ?? 0;
    }
    bound = Math.max(bound, bytes);
  }
  return bound;
}

/**
 * While `operation` runs, what its ancestors wrote for it and for its descendants is live; linear. The cheap part of
 * `cutBound`.
 */
export function passingBound(flow: Dataflow, operation: number, effort: Effort): number {
  const { before, after } = aroundOf(flow, operation);
  let bytes = flow.demand[operation] ?? 0;
  for (let v = 0; v < flow.values; v++) {
    if (before[flow.producer[v] ?? -1] !== 1) continue;
    const needed =
      flow.kept[v] === 1 || rowOf(flow.consumers, v).some((c) => c === operation || after[c] === 1);
    if (needed) bytes += flow.size[v] ?? 0;
  }
  effort.spend(4 * flow.operations);
  return bytes;
}

/**
 * While `operation` runs, its ancestors have run and its descendants have not; of everything else, the set that
 * leaves the least memory live is a minimum cut. No order needs less than that at this operation.
 */
export function cutBound(flow: Dataflow, operation: number, effort: Effort): number {
  const { before, after } = aroundOf(flow, operation);
  const item = new Int32Array(flow.operations).fill(-1);
  const free: number[] = [];
  for (let o = 0; o < flow.operations; o++) {
    if (before[o] === 1 || after[o] === 1 || o === operation) continue;
    item[o] = free.length;
    free.push(o);
  }
  let base = flow.demand[operation] ?? 0;
  const rewards: { size: number; readers: number[] }[] = [];
  const costs = new Float64Array(free.length);
  for (let v = 0; v < flow.values; v++) {
    const producer = flow.producer[v] ?? -1;
    const size = flow.size[v] ?? 0;
    if (producer < 0 || size === 0 || producer === operation || after[producer] === 1) continue;
    const pending = [...rowOf(flow.consumers, v)].filter((c) => before[c] === 0);
    if (pending.length === 0 && flow.kept[v] === 0) continue;
    const at = item[producer] ?? -1;
    if (at < 0) base += size;
    else costs[at] = (costs[at] ?? 0) + size;
    const readers = pending.map((c) => item[c] ?? -1);
    if (flow.kept[v] === 0 && !readers.includes(-1)) rewards.push({ size, readers });
  }
  const closure = new Closure(free.length + rewards.length);
  for (const [i, cost] of costs.entries()) closure.pay(i, -cost);
  for (const [i, { size, readers }] of rewards.entries()) {
    closure.pay(free.length + i, size);
    for (const reader of readers) closure.require(free.length + i, reader);
  }
  for (const [i, o] of free.entries()) {
    for (const v of rowOf(flow.inputs, o)) {
      const at = item[flow.producer[v] ?? -1] ?? -1;
      if (at >= 0) closure.require(i, at);
    }
  }
  const { profit, work } = closure.solve();
  effort.spend(work + 4 * flow.operations);
  return base - profit;
}

/** The ancestors and the descendants of an operation. */
function aroundOf(flow: Dataflow, operation: number): { before: Uint8Array; after: Uint8Array } {
  return {
    before: reachedFrom(operation, flow.operations, predecessorsIn(flow)),
    after: reachedFrom(operation, flow.operations, successorsIn(flow)),
  };
}
