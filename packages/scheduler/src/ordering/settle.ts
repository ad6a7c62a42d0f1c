/** The cheapest state between two states of a block, one step before the other by a path. It refuses to walk. */

import { Closure } from "../dataflow/closure.js";
import type { Block } from "./block.js";

/**
 * The state of least memory among those between the block's present state and the one that differs from it by
 * `path`; of several, the one that differs most from where the path began. `ran` says that the operations of the path
 * are part of the present state; otherwise they have been taken back. Returns, an entry of `path` each, 1 where the
 * operation has run in the cheapest state, and the work it took.
 */
export function settle(
  block: Block,
  path: readonly number[],
  ran: boolean,
): { ran: Uint8Array; work: number } {
  const { inputs, outputs, consumers, size, held, left } = block;
  const index = new Map<number, number>();
  for (const [i, o] of path.entries()) index.set(o, i);
  const touched = new Set<number>();
  const live: number[] = [];
  for (const o of path) {
    let cost = 0;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      touched.add(v);
      if (held[v] === 1 || (consumers.start[v + 1] ?? 0) > (consumers.start[v] ?? 0)) cost += size[v] ?? 0;
    }
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++)
      touched.add(inputs.items[k] ?? 0);
    live.push(cost);
  }
  const freed = [...touched].flatMap((v) => {
    if (held[v] === 1) return [];
    const readers: number[] = [];
    for (let k = consumers.start[v] ?? 0, end = consumers.start[v + 1] ?? 0; k < end; k++) {
      const at = index.get(consumers.items[k] ?? 0);
      if (at !== undefined) readers.push(at);
    }
    const all = (left[v] ?? 0) === (ran ? 0 : readers.length);
    return all && readers.length > 0 ? [{ profit: size[v] ?? 0, readers }] : [];
  });
  const closure = new Closure(path.length + freed.length);
  for (const [i, cost] of live.entries()) closure.pay(i, -cost);
  for (const [i, { profit, readers }] of freed.entries()) {
    closure.pay(path.length + i, profit);
    for (const reader of readers) closure.require(path.length + i, reader);
  }
  for (const [i, o] of path.entries()) {
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const producer = block.producer[inputs.items[k] ?? 0] ?? -1;
      const at = index.get(producer);
      if (at !== undefined) closure.require(i, at);
    }
  }
  const { smallest, largest, work } = closure.solve();
  return { ran: (ran ? largest : smallest).subarray(0, path.length), work };
}
