/** Which operations feed which. It refuses to weigh them. */

import type { Dataflow } from "./dataflow.js";

/** Calls back with the operations that the operation reads from, or those that read from it; some several times. */
export type Neighbors = (operation: number, visit: (other: number) => void) => void;

export function predecessorsIn(flow: Dataflow): Neighbors {
  const { inputs, producer } = flow;
  return (o, visit) => {
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      visit(producer[inputs.items[k] ?? 0] ?? 0);
    }
  };
}

export function successorsIn(flow: Dataflow): Neighbors {
  const { outputs, consumers } = flow;
  return (o, visit) => {
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      for (let j = consumers.start[v] ?? 0, last = consumers.start[v + 1] ?? 0; j < last; j++) {
        visit(consumers.items[j] ?? 0);
      }
    }
  };
}

/** 1 for what is reached from an operation by one step or more. */
export function reachedFrom(operation: number, operations: number, next: Neighbors): Uint8Array {
  const seen = new Uint8Array(operations);
  const queue = [operation];
  for (const o of queue) {
    next(o, (other) => {
      if (seen[other] === 1) return;
      seen[other] = 1;
      queue.push(other);
    });
  }
  return seen;
}
