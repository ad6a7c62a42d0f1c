/**
 * Recomputation that is nearly free: what is alive at the peak only to be read later, and costs little to compute again
 * from what is there then, is. One value at a time, the most bytes for the least cost first; it refuses to search.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import type { Rows } from "../dataflow/rows.js";
import type { Found } from "./anneal.js";
import { Measure, type Sequence } from "./measure.js";

/** Executions that cost at most `allowance` more than the order and need at most as much memory. */
export function spare(
  flow: Dataflow,
  costs: Float64Array,
  order: Int32Array,
  allowance: number,
  effort: Effort,
): Found {
  const capacity = 2 * order.length + 1;
  const measure = new Measure(flow, costs, capacity);
  let current: Sequence = { items: new Int32Array(capacity), length: order.length };
  let trial: Sequence = { items: new Int32Array(capacity), length: 0 };
  current.items.set(order);
  measure.run(current, 0);
  let { peak, cost, peakAt } = measure;
  const most = cost + allowance;
  const tried = new Set<string>();
  const lowers = ({ value, before }: Candidate): boolean => {
    const place = `${value} ${current.length - before}`;
    if (tried.has(place) || current.length === capacity) return false;
    if (!effort.spend(current.length)) return false;
    tried.add(place);
    insert(current, flow.producer[value] ?? 0, before, trial);
    const legal = measure.run(trial, 0) && measure.cost <= most;
    return legal && measure.peak <= peak && (measure.during[peakAt] ?? 0) < peak;
  };
  while (effort.spend(current.length) && candidates(flow, costs, current, peakAt, most - cost).some(lowers)) {
    [current, trial] = [trial, current];
    ({ peak, cost, peakAt } = measure);
  }
  return { items: current.items.slice(0, current.length), peak, cost };
}

interface Candidate {
  readonly value: number;
  /** Position of its first reader after the peak. */
  readonly before: number;
}

/** What is alive at a position without being used there, of a producer that is cheap enough; the best first. */
function candidates(
  flow: Dataflow,
  costs: Float64Array,
  { items, length }: Sequence,
  peakAt: number,
  allowance: number,
): Candidate[] {
  const { inputs, outputs, producer, kept, size } = flow;
  const idle = new Uint8Array(flow.values);
  const mark = (p: number, { start, items: values }: Rows, idles: 0 | 1): void => {
    const o = items[p] ?? 0;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) idle[values[k] ?? 0] = idles;
  };
  for (let p = 0; p < peakAt; p++) mark(p, outputs, 1);
  mark(peakAt, inputs, 0);
  const found: Candidate[] = [];
  for (let p = peakAt + 1; p < length; p++) {
    const o = items[p] ?? 0;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const value = inputs.items[k] ?? 0;
      if (idle[value] === 0) continue;
      idle[value] = 0;
      const cheap = (costs[producer[value] ?? 0] ?? 0) <= allowance;
      if (cheap && kept[value] === 0 && size[value] !== 0) found.push({ value, before: p });
    }
    mark(p, outputs, 0);
  }
  const worth = ({ value }: Candidate): number =>
    (size[value] ?? 0) / ((costs[producer[value] ?? 0] ?? 0) + 1);
  return found.sort((a, b) => worth(b) - worth(a) || a.value - b.value);
}

function insert({ items, length }: Sequence, item: number, at: number, into: Sequence): void {
  into.items.set(items.subarray(0, at));
  into.items[at] = item;
  into.items.set(items.subarray(at, length), at + 1);
  into.length = length + 1;
}
