/** What a sequence of executions costs and holds. It refuses to change the sequence. */

import type { Dataflow } from "../dataflow/dataflow.js";

/** Executions, possibly several of one operation, in the order they run: the first `length` entries. */
export interface Sequence {
  readonly items: Int32Array;
  length: number;
}

/**
 * Walks over sequences of one dataflow. A reader takes what the latest execution of the writer before it wrote; what
 * an execution wrote is live until its last reader before the next execution of the writer, so between the two it
 * takes no memory. Where that reader can overwrite it, one of its outputs takes no memory of its own.
 */
export class Measure {
  readonly #flow: Dataflow;
  readonly #costs: Float64Array;
  readonly #total: number;
  /** Per value, the position that wrote what is there now, or -1, and the last that touched it. */
  readonly #written: Int32Array;
  readonly #touched: Int32Array;
  /** Per position, 1 where an output takes over an input. */
  readonly #taken: Uint8Array;
  /** Per operation, 1 where it can run no more. */
  readonly #closed: Uint8Array;
  readonly #change: Float64Array;
  /** Live bytes at each position of the sequence last measured. */
  readonly during: Float64Array;
  /** Sum of costs. */
  cost = 0;
  /** Sum over positions of what is above the budget. */
  overflow = 0;
  peak = 0;
  /** The first position with the peak. */
  peakAt = 0;

  constructor(flow: Dataflow, costs: Float64Array, capacity: number) {
    this.#flow = flow;
    this.#costs = costs;
    this.#total = costs.reduce((sum, cost) => sum + cost, 0);
    this.#written = new Int32Array(flow.values);
    this.#touched = new Int32Array(flow.values);
    this.#taken = new Uint8Array(capacity);
    this.#closed = new Uint8Array(flow.operations);
    this.#change = new Float64Array(capacity + 2);
    this.during = new Float64Array(capacity);
  }

  /** Cost of running every operation once. */
  get total(): number {
    return this.#total;
  }

  /** Measures; false, with nothing measured, where something is read before it is written or after it is destroyed. */
  run({ items, length }: Sequence, budget: number): boolean {
    const { inputs, outputs, size, kept, demand, closes } = this.#flow;
    const change = this.#change;
    const written = this.#written.fill(-1);
    const touched = this.#touched;
    const closed = this.#closed.fill(0);
    this.#taken.fill(0, 0, length);
    change.fill(0, 0, length + 1);
    let cost = 0;
    for (let p = 0; p < length; p++) {
      const o = items[p] ?? 0;
      if (closed[o] === 1) return false;
      for (let k = closes.start[o] ?? 0, end = closes.start[o + 1] ?? 0; k < end; k++) {
        closed[closes.items[k] ?? 0] = 1;
      }
      cost += this.#costs[o] ?? 0;
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const v = inputs.items[k] ?? 0;
        if ((written[v] ?? -1) < 0) return false;
        touched[v] = p;
      }
      let rest = demand[o] ?? 0;
      for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
        const v = outputs.items[k] ?? 0;
        const since = written[v] ?? -1;
        if (since >= 0) this.#end(v, since, touched[v] ?? 0, items);
        written[v] = p;
        touched[v] = p;
        rest -= size[v] ?? 0;
      }
      if (rest !== 0) this.#hold(p, p, rest);
    }
    for (let v = 0; v < written.length; v++) {
      const since = written[v] ?? -1;
      if (since < 0) continue;
      if (kept[v] === 1) this.#hold(since, length, size[v] ?? 0);
      else this.#end(v, since, touched[v] ?? 0, items);
    }
    this.cost = cost;
    this.#sum(length, budget);
    return true;
  }

  /** A value that was live from one position to another; its last reader may have taken it over. */
  #end(v: number, since: number, last: number, items: Int32Array): void {
    const { size, overwrites } = this.#flow;
    const bytes = size[v] ?? 0;
    this.#hold(since, last, bytes);
    if (since === last || this.#taken[last] === 1) return;
    const o = items[last] ?? 0;
    for (let k = overwrites.start[o] ?? 0, end = overwrites.start[o + 1] ?? 0; k < end; k++) {
      if (overwrites.items[k] !== v) continue;
      this.#hold(last, last, -bytes);
      this.#taken[last] = 1;
    }
  }

  #hold(from: number, to: number, bytes: number): void {
    const change = this.#change;
    change[from] = (change[from] ?? 0) + bytes;
    change[to + 1] = (change[to + 1] ?? 0) - bytes;
  }

  #sum(length: number, budget: number): void {
    const { during } = this;
    let live = 0;
    let overflow = 0;
    let peak = 0;
    let peakAt = 0;
    for (let p = 0; p < length; p++) {
      live += this.#change[p] ?? 0;
      during[p] = live;
      if (live > budget) overflow += live - budget;
      if (live > peak) {
        peak = live;
        peakAt = p;
      }
    }
    this.overflow = overflow;
    this.peak = peak;
    this.peakAt = peakAt;
  }
}
