/** An order with what is live along it, of which stretches can be replaced. It refuses to decide which. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { profileOf } from "../dataflow/profile.js";
import { Block } from "./block.js";

export class Arrangement {
  readonly flow: Dataflow;
  readonly order: Int32Array;
  /** Per operation, where it stands. */
  readonly position: Int32Array;
  readonly during: Float64Array;
  readonly after: Float64Array;
  #peak: number;

  constructor(flow: Dataflow, order: Int32Array) {
    this.flow = flow;
    this.order = order.slice();
    this.position = new Int32Array(flow.operations);
    for (const [t, o] of order.entries()) this.position[o] = t;
    const { during, after, peak } = profileOf(flow, order);
    this.during = during;
    this.after = after;
    this.#peak = peak;
  }

  get peak(): number {
    return this.#peak;
  }

  /** The positions [from, to) as a block at its first state. */
  block(from: number, to: number): Block {
    const { flow, order, position } = this;
    return new Block(flow, {
      operations: order.subarray(from, to),
      before: (o) => (position[o] ?? 0) < from,
      base: this.after[from - 1] ?? 0,
    });
  }

  /** Puts a legal order of the operations at [from, from + length) in their place. */
  replace(from: number, operations: readonly number[]): void {
    const block = this.block(from, from + operations.length);
    const local = new Map<number, number>();
    for (const [i, o] of block.operations.entries()) local.set(o, i);
    for (const [i, operation] of operations.entries()) {
      const t = from + i;
      this.order[t] = operation;
      this.position[operation] = t;
      const at = local.get(operation) ?? 0;
      this.during[t] = block.memory + (block.demand[at] ?? 0);
      block.advance(at);
      this.after[t] = block.memory;
    }
    this.#peak = 0;
    for (const bytes of this.during) if (bytes > this.#peak) this.#peak = bytes;
  }
}
