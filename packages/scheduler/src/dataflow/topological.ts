/** Legal orders of a dataflow, and the check that an order is one. It refuses to look at memory. */

import { checkList, MemoryInputError, shown } from "../memory-input.js";
import type { Dataflow } from "./dataflow.js";
import { refuse } from "./input.js";

/** First ready, first run, in the order of the numbers. Throws MemoryInputError where operations wait for each other. */
export function firstOrder(flow: Dataflow): Int32Array {
  const { operations, outputs, consumers } = flow;
  const waits = waitsOf(flow);
  const order = new Int32Array(operations);
  let tail = 0;
  for (let o = 0; o < operations; o++) if (waits[o] === 0) order[tail++] = o;
  for (let head = 0; head < tail; head++) {
    const o = order[head] ?? 0;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      for (let j = consumers.start[v] ?? 0, last = consumers.start[v + 1] ?? 0; j < last; j++) {
        const c = consumers.items[j] ?? 0;
        const rest = (waits[c] ?? 0) - 1;
        waits[c] = rest;
        if (rest === 0) order[tail++] = c;
      }
    }
  }
  if (tail < operations) refuseCycle(flow, waits);
  return order;
}

/** Each operation as late as its first reader allows: depth first from the operations nobody reads from. */
export function depthFirstOrder(flow: Dataflow): Int32Array {
  const { operations, inputs, producer } = flow;
  const order = new Int32Array(operations);
  /** 0 unseen, 1 on the stack, 2 placed. */
  const state = new Uint8Array(operations);
  let placed = 0;
  const stack: number[] = [];
  for (let root = 0; root < operations; root++) {
    stack.push(root);
    for (let o = stack.at(-1); o !== undefined; o = stack.at(-1)) {
      if (state[o] === 0) {
        state[o] = 1;
        for (let k = (inputs.start[o + 1] ?? 0) - 1, end = inputs.start[o] ?? 0; k >= end; k--) {
          const p = producer[inputs.items[k] ?? 0] ?? 0;
          if (state[p] === 0) stack.push(p);
        }
      } else {
        stack.pop();
        if (state[o] === 1) order[placed++] = o;
        state[o] = 2;
      }
    }
  }
  return order;
}

/** A given order, checked. Throws MemoryInputError. */
export function givenOrder(flow: Dataflow, given: readonly number[]): Int32Array {
  const { operations, inputs, producer } = flow;
  const position = new Int32Array(operations).fill(-1);
  checkList(given, "order", "indices of operations");
  if (given.length !== operations) {
    throw new MemoryInputError(
      undefined,
      "order",
      `lists ${given.length} of ${operations} operations; list each once`,
    );
  }
  for (let t = 0; t < given.length; t++) {
    const o = given[t] ?? -1;
    const fail = (problem: string): never => {
      throw new MemoryInputError(undefined, `order[${t}]`, problem);
    };
    if (!Number.isInteger(o) || o < 0 || o >= operations)
      fail(`is ${shown(o)}; give the index of an operation`);
    if ((position[o] ?? 0) >= 0) fail(`is operation ${o}, which order[${position[o]}] is already`);
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      const p = producer[v] ?? 0;
      if ((position[p] ?? 0) < 0)
        fail(`is operation ${o}, which reads value ${v} before operation ${p} writes it`);
    }
    position[o] = t;
  }
  return Int32Array.from(given);
}

function waitsOf({ operations, values, consumers, producer }: Dataflow): Int32Array {
  const waits = new Int32Array(operations);
  for (let v = 0; v < values; v++) {
    if ((producer[v] ?? -1) < 0) continue;
    for (let k = consumers.start[v] ?? 0, end = consumers.start[v + 1] ?? 0; k < end; k++) {
      const c = consumers.items[k] ?? 0;
      waits[c] = (waits[c] ?? 0) + 1;
    }
  }
  return waits;
}

/** Walks back from an operation that never gets ready until it meets itself. */
function refuseCycle({ inputs, producer }: Dataflow, waits: Int32Array): never {
  const path: number[] = [];
  const place = new Map<number, number>();
  let o = waits.findIndex((count) => count > 0);
  while (!place.has(o)) {
    place.set(o, path.length);
    path.push(o);
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const p = producer[inputs.items[k] ?? 0] ?? 0;
      if ((waits[p] ?? 0) > 0) {
        o = p;
        break;
      }
    }
  }
  const cycle = path.slice(place.get(o) ?? 0).reverse();
  const shown = cycle.length > 8 ? [...cycle.slice(0, 8), "..."] : cycle;
  const first = cycle[0] ?? 0;
  return refuse(
    "operations",
    first,
    "inputs",
    `waits for its own outputs: ${shown.join(" -> ")} -> ${first}`,
  );
}
