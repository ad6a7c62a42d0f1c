/**
 * In-place reuse: which operation writes into the memory of which of its inputs. An input can be overwritten where all
 * its other readers have run; as a matching fixed in advance, that is an order of readers before writers. It refuses to
 * look for orders.
 */

import { assemble } from "./assemble.js";
import type { Dataflow } from "./dataflow.js";
import { listsOf, noRows, rowOf } from "./rows.js";

/** Per operation, the value whose memory an output takes over, or -1. */
export type Takeovers = Int32Array;

/** What each operation of the order can take over because it is the last reader; the first of several. */
export function takeoversAlong(flow: Dataflow, order: ArrayLike<number>): Takeovers {
  const { operations, overwrites, consumers } = flow;
  const position = new Int32Array(operations);
  for (let t = 0; t < order.length; t++) position[order[t] ?? 0] = t;
  const takeovers = new Int32Array(operations).fill(-1);
  for (let o = 0; o < operations; o++) {
    const last = (v: number): boolean =>
      rowOf(consumers, v).every((c) => (position[c] ?? 0) <= (position[o] ?? 0));
    takeovers[o] = rowOf(overwrites, o).find(last) ?? -1;
  }
  return takeovers;
}

/** The dataflow in which these takeovers happen: right for orders that allow them. */
export function withTakeovers(flow: Dataflow, takeovers: Takeovers): Dataflow {
  const demand = flow.demand.map((bytes, o) => bytes - (flow.size[takeovers[o] ?? -1] ?? 0));
  return { ...flow, demand, overwrites: noRows(flow.operations) };
}

/** The same for any order of it: the other readers of what is taken over come before. */
export function committed(flow: Dataflow, takeovers: Takeovers): Dataflow {
  const { size, kept, inputs, outputs, consumers, demand } = withTakeovers(flow, takeovers);
  return assemble({
    size,
    kept,
    inputs: listsOf(inputs),
    outputs: listsOf(outputs),
    workspace: Array.from(demand, (bytes, o) =>
      rowOf(outputs, o).reduce((rest, v) => rest - (size[v] ?? 0), bytes),
    ),
    overwrites: Array.from(takeovers, () => []),
    closes: Array.from(takeovers, (v, o) => (v < 0 ? [] : [...rowOf(consumers, v)].filter((c) => c !== o))),
  });
}

/** The dataflow in which whatever may be taken over is, for nothing: no order needs less. */
export function relaxed(flow: Dataflow): Dataflow {
  const most = Int32Array.from({ length: flow.operations }, (_, o) =>
    rowOf(flow.overwrites, o).reduce(
      (best, v) => ((flow.size[v] ?? 0) > (flow.size[best] ?? 0) ? v : best),
      -1,
    ),
  );
  return withTakeovers(flow, most);
}
