/**
 * The order of least peak by dynamic programming over all sets of operations that may have run, with in-place reuse: what
 * an operation may overwrite depends on the set alone. It refuses dataflows of more than a few operations.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { rowOf } from "../dataflow/rows.js";

/** Operations at most: 2^12 sets. */
export const mostOperations = 12;

export interface Exact {
  readonly order: Int32Array;
  readonly peak: number;
}

/** Undefined where there is not the effort to look at all sets. */
export function leastOrder(flow: Dataflow, effort: Effort): Exact | undefined {
  const { operations, inputs, producer, size, demand, overwrites } = flow;
  const lives = livesOf(flow);
  const needed = Int32Array.from({ length: operations }, (_, o) =>
    rowOf(inputs, o).reduce((mask, v) => mask | (1 << (producer[v] ?? 0)), 0),
  );
  const sets = 2 ** operations;
  const best = new Float64Array(sets).fill(Number.POSITIVE_INFINITY);
  const last = new Int32Array(sets).fill(-1);
  best[0] = 0;
  for (let set = 0; set + 1 < sets; set++) {
    if (best[set] === Number.POSITIVE_INFINITY) continue;
    if (!effort.spend(flow.values + 4 * operations)) return undefined;
    const live = lives.reduce((sum, life) => sum + (isLive(life, set) ? life.bytes : 0), 0);
    for (let o = 0; o < operations; o++) {
      const need = needed[o] ?? 0;
      const next = set | (1 << o);
      if (next === set || (set & need) !== need) continue;
      const taken = rowOf(overwrites, o).find((v) => hasEnded(lives[v], next));
      const peak = Math.max(best[set] ?? 0, live + (demand[o] ?? 0) - (size[taken ?? -1] ?? 0));
      if (peak >= (best[next] ?? 0)) continue;
      best[next] = peak;
      last[next] = o;
    }
  }
  const order = new Int32Array(operations);
  for (let set = sets - 1, t = operations - 1; t >= 0; t--) {
    order[t] = last[set] ?? 0;
    set &= ~(1 << (order[t] ?? 0));
  }
  return { order, peak: best[sets - 1] ?? 0 };
}

/** A value as sets of operations. */
interface Life {
  readonly writer: number;
  readonly readers: number;
  readonly kept: boolean;
  readonly bytes: number;
}

function livesOf({ values, producer, consumers, kept, size }: Dataflow): Life[] {
  return Array.from({ length: values }, (_, v) => ({
    writer: (producer[v] ?? -1) < 0 ? 0 : 1 << (producer[v] ?? 0),
    readers: rowOf(consumers, v).reduce((mask, c) => mask | (1 << c), 0),
    kept: kept[v] === 1,
    bytes: size[v] ?? 0,
  }));
}

function hasEnded(life: Life | undefined, ran: number): boolean {
  return life !== undefined && (ran & life.readers) === life.readers;
}

function isLive({ writer, readers, kept }: Life, ran: number): boolean {
  return (ran & writer) !== 0 && (kept || (ran & readers) !== readers);
}
