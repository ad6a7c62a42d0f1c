/**
 * A sequence of executions with what is live along it, of which stretches can be replaced. It refuses to choose which.
 *
 * A reader takes what the latest execution of the writer before it wrote; what an execution wrote is live until its last
 * reader before the next execution of the writer, so between the two it takes no memory. Where that reader can overwrite
 * it, one of its outputs takes no memory of its own.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Edit } from "./edit.js";
import { Touches } from "./touches.js";
import { Weighing } from "./weighing.js";

export class Timeline {
  readonly flow: Dataflow;
  readonly costs: Float64Array;
  #budget: number;
  readonly touches: Touches;
  /** Per position, the operation: the first `length` entries, and so in all that follow. */
  readonly items: Int32Array;
  readonly during: Float64Array;
  /** The value whose memory is taken over, or -1. */
  readonly taken: Int32Array;
  readonly #executions: Int32Array;
  /** Per operation, how often it runs. */
  readonly times: Int32Array;
  /** Operations that run more than once, in no order. */
  readonly repeated: number[] = [];
  readonly #place: Int32Array;
  readonly #weighing: Weighing;
  length = 0;
  /** Sum of the costs. */
  cost = 0;
  /** Sum over positions of what is above the budget. */
  overflow = 0;

  constructor(flow: Dataflow, costs: Float64Array, budget: number, capacity: number) {
    this.flow = flow;
    this.costs = costs;
    this.#budget = budget;
    this.touches = new Touches(flow, capacity);
    this.items = new Int32Array(capacity);
    this.during = new Float64Array(capacity);
    this.taken = new Int32Array(capacity);
    this.#executions = new Int32Array(capacity);
    this.times = new Int32Array(flow.operations);
    this.#place = new Int32Array(flow.operations);
    this.#weighing = new Weighing(this);
  }

  get budget(): number {
    return this.#budget;
  }

  set budget(bytes: number) {
    this.#budget = bytes;
    this.overflow = 0;
    for (let p = 0; p < this.length; p++) this.overflow += Math.max(0, (this.during[p] ?? 0) - bytes);
  }

  get peak(): number {
    return this.length === 0 ? 0 : (this.during[this.peakAt] ?? 0);
  }

  /** The first position with the peak. */
  get peakAt(): number {
    let at = 0;
    for (let p = 1; p < this.length; p++) if ((this.during[p] ?? 0) > (this.during[at] ?? 0)) at = p;
    return at;
  }

  /** Replaces everything; false, with nothing left, where that is too long or reads what is not there. */
  load(items: Int32Array): boolean {
    this.touches.clear();
    this.times.fill(0);
    this.repeated.length = 0;
    this.length = 0;
    this.cost = 0;
    this.overflow = 0;
    if (items.length > this.items.length) return false;
    if (this.weigh({ from: 0, to: 0, length: items.length, items }) === undefined) return false;
    this.commit();
    return true;
  }

  /** What an edit would change; undefined where it would make something read what is not there. */
  weigh(edit: Edit): Weighing | undefined {
    return this.#weighing.weigh(edit) ? this.#weighing : undefined;
  }

  /** Makes the edit that was weighed last. */
  commit(): void {
    const weighing = this.#weighing;
    const { from, to, length, items } = weighing.edit;
    weighing.applyBefore();
    weighing.dropTouches();
    for (let p = from; p < to; p++) {
      this.touches.release(this.#executions[p] ?? 0);
      this.#count(this.items[p] ?? 0, -1);
    }
    if (length !== to - from) this.#move(to, from + length);
    for (let q = 0; q < length; q++) {
      const o = items[q] ?? 0;
      const execution = this.touches.create(o);
      this.items[from + q] = o;
      this.#executions[from + q] = execution;
      this.touches.position[execution] = from + q;
      this.during[from + q] = weighing.live(q);
      this.taken[from + q] = weighing.taken(q);
      this.#count(o, 1);
      weighing.addTouches(o, execution);
    }
    this.cost += weighing.costChange;
    this.overflow += weighing.overflowChange;
  }

  /** Moves everything from a position on to another one. */
  #move(from: number, to: number): void {
    for (const list of [this.items, this.during, this.taken, this.#executions]) {
      list.copyWithin(to, from, this.length);
    }
    this.length += to - from;
    for (let p = to; p < this.length; p++) this.touches.position[this.#executions[p] ?? 0] = p;
  }

  #count(o: number, by: 1 | -1): void {
    const times = (this.times[o] ?? 0) + by;
    this.times[o] = times;
    if (by === 1 && times === 2) {
      this.#place[o] = this.repeated.length;
      this.repeated.push(o);
    } else if (by === -1 && times === 1) {
      const last = this.repeated.pop() ?? o;
      if (last === o) return;
      const at = this.#place[o] ?? 0;
      this.repeated[at] = last;
      this.#place[last] = at;
    }
  }
}
