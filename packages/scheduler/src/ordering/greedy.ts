/** List scheduling: next comes the ready operation that adds the least memory. It refuses to look ahead. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { Heap } from "../dataflow/heap.js";

/** How a tie is broken among ready operations: by number, or the one that became ready last. */
export type Tie = "number" | "latest";

/** From the first operation on; near-linear. */
export function greedyForward(flow: Dataflow, tie: Tie): Int32Array {
  const { inputs, outputs, consumers, size, kept } = flow;
  const waits = new Int32Array(flow.operations);
  const left = new Int32Array(flow.values);
  /** Sum of the numbers of the readers that have not run: the last one's number when one is left. */
  const names = new Float64Array(flow.values);
  const growth = new Float64Array(flow.operations);
  for (let v = 0; v < flow.values; v++) {
    const first = consumers.start[v] ?? 0;
    const end = consumers.start[v + 1] ?? 0;
    left[v] = end - first + (kept[v] ?? 0);
    const producer = flow.producer[v] ?? -1;
    for (let k = first; k < end; k++) {
      const c = consumers.items[k] ?? 0;
      names[v] = (names[v] ?? 0) + c;
      if (producer >= 0) waits[c] = (waits[c] ?? 0) + 1;
    }
    if (producer >= 0 && (left[v] ?? 0) > 0) growth[producer] = (growth[producer] ?? 0) + (size[v] ?? 0);
    if (left[v] === 1 && kept[v] === 0) lower(growth, names[v] ?? 0, size[v] ?? 0);
  }
  const heap = new Heap();
  const done = new Uint8Array(flow.operations);
  const rank = (o: number, time: number): number => (tie === "number" ? o : -time);
  const since = new Float64Array(flow.operations);
  for (let o = 0; o < flow.operations; o++) if (waits[o] === 0) heap.push(o, growth[o] ?? 0, rank(o, 0));
  const order = new Int32Array(flow.operations);
  let time = 0;
  while (heap.size > 0) {
    const key = heap.key;
    const o = heap.pop();
    if (done[o] === 1 || key !== growth[o]) continue;
    done[o] = 1;
    order[time++] = o;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      names[v] = (names[v] ?? 0) - o;
      const rest = (left[v] ?? 0) - 1;
      left[v] = rest;
      if (rest !== 1 || kept[v] === 1) continue;
      const last = names[v] ?? 0;
      lower(growth, last, size[v] ?? 0);
      if (waits[last] === 0) heap.push(last, growth[last] ?? 0, rank(last, since[last] ?? 0));
    }
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      for (let j = consumers.start[v] ?? 0, last = consumers.start[v + 1] ?? 0; j < last; j++) {
        const c = consumers.items[j] ?? 0;
        const rest = (waits[c] ?? 0) - 1;
        waits[c] = rest;
        if (rest > 0) continue;
        since[c] = time;
        heap.push(c, growth[c] ?? 0, rank(c, time));
      }
    }
  }
  return order;
}

/** From the last operation back: next is the one whose removal from the end adds the least; near-linear. */
export function greedyBackward(flow: Dataflow, tie: Tie): Int32Array {
  const { inputs, consumers, size, kept, producer } = flow;
  const followers = new Int32Array(flow.operations);
  const growth = new Float64Array(flow.operations);
  const live = kept.slice();
  for (let v = 0; v < flow.values; v++) {
    const maker = producer[v] ?? -1;
    const first = consumers.start[v] ?? 0;
    const end = consumers.start[v + 1] ?? 0;
    if (maker >= 0) {
      followers[maker] = (followers[maker] ?? 0) + end - first;
      if (end > first || kept[v] === 1) lower(growth, maker, size[v] ?? 0);
    }
    if (live[v] === 1) continue;
    for (let k = first; k < end; k++) lower(growth, consumers.items[k] ?? 0, -(size[v] ?? 0));
  }
  const heap = new Heap();
  const done = new Uint8Array(flow.operations);
  const since = new Float64Array(flow.operations);
  const rank = (o: number): number => (tie === "number" ? -o : -(since[o] ?? 0));
  for (let o = 0; o < flow.operations; o++) if (followers[o] === 0) heap.push(o, growth[o] ?? 0, rank(o));
  const order = new Int32Array(flow.operations);
  let time = flow.operations;
  while (heap.size > 0) {
    const key = heap.key;
    const o = heap.pop();
    if (done[o] === 1 || key !== growth[o]) continue;
    done[o] = 1;
    order[--time] = o;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      if (live[v] === 0) {
        live[v] = 1;
        for (let j = consumers.start[v] ?? 0, last = consumers.start[v + 1] ?? 0; j < last; j++) {
          const c = consumers.items[j] ?? 0;
          lower(growth, c, size[v] ?? 0);
          if (followers[c] === 0 && done[c] === 0 && size[v] !== 0) heap.push(c, growth[c] ?? 0, rank(c));
        }
      }
      const maker = producer[v] ?? -1;
      if (maker < 0) continue;
      const rest = (followers[maker] ?? 0) - 1;
      followers[maker] = rest;
      if (rest > 0) continue;
      since[maker] = flow.operations - time;
      heap.push(maker, growth[maker] ?? 0, rank(maker));
    }
  }
  return order;
}

function lower(list: Float64Array, at: number, by: number): void {
  list[at] = (list[at] ?? 0) - by;
}
