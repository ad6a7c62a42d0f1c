/**
 * Recomputation that is nearly free: what is alive at the peak only to be read later, and costs little to compute again
 * from what is there then, is. One value at a time, the most bytes for the least cost first; it refuses to search.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import type { Found } from "./anneal.js";
import { Measure } from "./measure.js";

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
  const tried = new Set<string>();
  let current = order;
  measure.run({ items: current, length: current.length }, 0);
  let { peak, cost, peakAt } = measure;
  const most = cost + allowance;
  for (;;) {
    const found = candidates(flow, costs, current, peakAt, most - cost)
      .filter(({ value, before }) => !tried.has(`${value}@${current.length - before}`))
      .find(({ value, before }) => {
        tried.add(`${value}@${current.length - before}`);
        const items = inserted(current, flow.producer[value] ?? 0, before);
        if (!effort.spend(items.length) || items.length > capacity) return false;
        if (!measure.run({ items, length: items.length }, 0) || measure.cost > most) return false;
        const lower = (measure.during[peakAt] ?? 0) < peak;
        if (measure.peak > peak || !lower) return false;
        current = items;
        return true;
      });
    if (found === undefined) return { items: current, peak, cost };
    ({ peak, cost, peakAt } = measure);
  }
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
  sequence: Int32Array,
  peakAt: number,
  allowance: number,
): Candidate[] {
  const { inputs, outputs, producer, kept, size } = flow;
  const written = new Set<number>();
  for (let p = 0; p < peakAt; p++) {
    const o = sequence[p] ?? 0;
    for (let k = outputs.start[o] ?? 0; k < (outputs.start[o + 1] ?? 0); k++)
      written.add(outputs.items[k] ?? 0);
  }
  const now = sequence[peakAt] ?? 0;
  for (let k = inputs.start[now] ?? 0; k < (inputs.start[now + 1] ?? 0); k++) {
    written.delete(inputs.items[k] ?? 0);
  }
  const found: Candidate[] = [];
  for (let p = peakAt + 1; p < sequence.length; p++) {
    const o = sequence[p] ?? 0;
    for (let k = inputs.start[o] ?? 0; k < (inputs.start[o + 1] ?? 0); k++) {
      const value = inputs.items[k] ?? 0;
      if (!written.delete(value) || kept[value] === 1) continue;
      if ((costs[producer[value] ?? 0] ?? 0) <= allowance && size[value] !== 0)
        found.push({ value, before: p });
    }
    for (let k = outputs.start[o] ?? 0; k < (outputs.start[o + 1] ?? 0); k++)
      written.delete(outputs.items[k] ?? 0);
  }
  const worth = ({ value }: Candidate): number =>
    (size[value] ?? 0) / ((costs[producer[value] ?? 0] ?? 0) + 1);
  return found.sort((a, b) => worth(b) - worth(a) || a.value - b.value);
}

function inserted(sequence: Int32Array, item: number, at: number): Int32Array {
  const longer = new Int32Array(sequence.length + 1);
  longer.set(sequence.subarray(0, at));
  longer[at] = item;
  longer.set(sequence.subarray(at), at + 1);
  return longer;
}
