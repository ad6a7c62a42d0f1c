/** What an operation that closes another one leaves behind in the dataflow. It refuses to order them. */

import type { Dataflow } from "../dataflow/dataflow.js";

/**
 * Per value, 1 where it cannot be written once it has been read: its one reader closes its writer.
 */
export function finalValues({ values, closes, producer, consumers }: Dataflow): Uint8Array {
  const final = new Uint8Array(values);
  for (let v = 0; v < values; v++) {
    const first = consumers.start[v] ?? 0;
    if ((consumers.start[v + 1] ?? 0) !== first + 1) continue;
    const reader = consumers.items[first] ?? 0;
    for (let k = closes.start[reader] ?? 0, end = closes.start[reader + 1] ?? 0; k < end; k++) {
      if (closes.items[k] === producer[v]) final[v] = 1;
    }
  }
  return final;
}
