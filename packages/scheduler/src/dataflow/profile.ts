/** What is live along an order. It refuses to change the order. */

import type { Dataflow } from "./dataflow.js";

export interface Profile {
  /** Live bytes while each position of the order runs. */
  readonly during: Float64Array;
  /** Live bytes after each position. */
  readonly after: Float64Array;
  readonly peak: number;
}

export function profileOf(flow: Dataflow, order: ArrayLike<number>): Profile {
  const { inputs, outputs, consumers, size, kept, demand } = flow;
  const left = new Int32Array(flow.values);
  for (let v = 0; v < flow.values; v++) {
    left[v] = (consumers.start[v + 1] ?? 0) - (consumers.start[v] ?? 0) + (kept[v] ?? 0);
  }
  const during = new Float64Array(order.length);
  const after = new Float64Array(order.length);
  let live = 0;
  let peak = 0;
  for (let t = 0; t < order.length; t++) {
    const o = order[t] ?? 0;
    during[t] = live + (demand[o] ?? 0);
    peak = Math.max(peak, during[t] ?? 0);
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      if ((left[v] ?? 0) > 0) live += size[v] ?? 0;
    }
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      const rest = (left[v] ?? 0) - 1;
      left[v] = rest;
      if (rest === 0) live -= size[v] ?? 0;
    }
    after[t] = live;
  }
  return { during, after, peak };
}
