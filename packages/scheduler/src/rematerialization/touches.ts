/** Where each value is written and read along a sequence of executions. It refuses to know what that costs. */

import type { Dataflow } from "../dataflow/dataflow.js";

/** An execution is a number that stays while it moves; it has an operation and a position. */
export class Touches {
  readonly #producer: Int32Array;
  readonly operation: Int32Array;
  readonly position: Int32Array;
  /** Per value, the executions that write or read it, in the order they run. */
  readonly #lists: number[][];
  readonly #free: number[] = [];

  constructor(flow: Dataflow, capacity: number) {
    this.#producer = flow.producer;
    this.operation = new Int32Array(capacity);
    this.position = new Int32Array(capacity);
    this.#lists = Array.from({ length: flow.values }, () => []);
  }

  clear(): void {
    for (const list of this.#lists) list.length = 0;
    this.#free.length = 0;
    for (let e = this.operation.length - 1; e >= 0; e--) this.#free.push(e);
  }

  /** A new execution. */
  create(operation: number): number {
    const e = this.#free.pop() ?? 0;
    this.operation[e] = operation;
    return e;
  }

  release(execution: number): void {
    this.#free.push(execution);
  }

  of(value: number): readonly number[] {
    return this.#lists[value] ?? [];
  }

  /** Index of the first touch of the value at or after a position. */
  find(value: number, position: number): number {
    const list = this.of(value);
    let low = 0;
    let high = list.length;
    while (low < high) {
      const half = (low + high) >> 1;
      if ((this.position[list[half] ?? 0] ?? 0) < position) low = half + 1;
      else high = half;
    }
    return low;
  }

  writes(value: number, execution: number): boolean {
    return this.operation[execution] === this.#producer[value];
  }

  insert(value: number, index: number, execution: number): void {
    const list = this.#lists[value];
    if (list === undefined) return;
    list.push(execution);
    for (let i = list.length - 1; i > index; i--) list[i] = list[i - 1] ?? 0;
    list[index] = execution;
  }

  remove(value: number, from: number, to: number): void {
    const list = this.#lists[value];
    if (list === undefined || from === to) return;
    let at = from;
    for (let i = to; i < list.length; i++) list[at++] = list[i] ?? 0;
    for (let i = from; i < to; i++) list.pop();
  }
}
