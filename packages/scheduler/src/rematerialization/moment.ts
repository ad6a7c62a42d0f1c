/**
 * What must be recomputed after the moment an operation first runs. It refuses to say when or how.
 *
 * At that moment all its ancestors have run, and of its descendants none. What its descendants read from its ancestors
 * is either held at that moment, beside its inputs, its outputs and its workspace, or written again later, from what is
 * held. Choosing what to hold within the budget is a knapsack over a closure: with a price on held bytes it is a minimum
 * cut. This holds for every order and every schedule.
 */

import { Closure } from "../dataflow/closure.js";
import type { Dataflow } from "../dataflow/dataflow.js";
import { predecessorsIn, reachedFrom, successorsIn } from "../dataflow/neighbors.js";
import { rowOf } from "../dataflow/rows.js";

/** Decisions of a branch, one a value: 0 where open, `held` or `dropped`. */
export type Decisions = Uint8Array;
export const held = 1;
export const dropped = 2;

export interface Relaxed {
  /** No choice that obeys the decisions costs less. */
  readonly bound: number;
  /** Cost and held bytes of the choice behind it. */
  readonly cost: number;
  readonly bytes: number;
  /** Per value, whether the choice holds it. */
  readonly holds: Uint8Array;
  readonly work: number;
}

export class Moment {
  readonly #flow: Dataflow;
  readonly #costs: Float64Array;
  /** Per operation, 1 for ancestors. */
  readonly #before: Uint8Array;
  /** Values of ancestors that descendants read. */
  readonly #needed: number[] = [];
  /** Values of ancestors. */
  readonly #values: number[] = [];
  /** Per value, 1 for what the operation reads: held at the moment in any case. */
  readonly #read: Uint8Array;
  /** Bytes that can be held at the moment. */
  readonly room: number;

  constructor(flow: Dataflow, costs: Float64Array, budget: number, operation: number) {
    this.#flow = flow;
    this.#costs = costs;
    this.#before = reachedFrom(operation, flow.operations, predecessorsIn(flow));
    const after = reachedFrom(operation, flow.operations, successorsIn(flow));
    this.#read = new Uint8Array(flow.values);
    let room = budget - (flow.demand[operation] ?? 0);
    for (const v of rowOf(flow.inputs, operation)) {
      this.#read[v] = 1;
      room -= flow.size[v] ?? 0;
    }
    this.room = room;
    for (let v = 0; v < flow.values; v++) {
      if (this.#before[flow.producer[v] ?? -1] !== 1) continue;
      this.#values.push(v);
      if (flow.kept[v] === 1 || rowOf(flow.consumers, v).some((c) => after[c] === 1)) this.#needed.push(v);
    }
  }

  /** Needed bytes beside the inputs: within the room, nothing has to be recomputed. */
  get wanted(): number {
    return this.#needed.reduce((sum, v) => sum + (this.#read[v] === 1 ? 0 : (this.#flow.size[v] ?? 0)), 0);
  }

  /** What a byte costs to write again, on average; more than 0. */
  get typicalPrice(): number {
    const cost = this.#before.reduce((sum, runs, o) => sum + runs * (this.#costs[o] ?? 0), 0);
    return Math.max(cost / Math.max(1, this.wanted), Number.MIN_VALUE);
  }

  get values(): readonly number[] {
    return this.#values;
  }

  sizeOf(v: number): number {
    return this.#read[v] === 1 ? 0 : (this.#flow.size[v] ?? 0);
  }

  open(): Decisions {
    return new Uint8Array(this.#flow.values);
  }

  /** The least cost plus price times held bytes, given the decisions. */
  relax(price: number, decisions: Decisions): Relaxed {
    const { inputs, producer } = this.#flow;
    const { there, again } = this.#forced(decisions);
    const items = new Items(this.#flow.operations, this.#flow.values);
    const closure = new Closure(this.#before.length + 2 * this.#values.length);
    const counted = new Uint8Array(this.#flow.operations);
    for (const v of this.#values) {
      const writer = producer[v] ?? 0;
      const rent = this.#read[v] === 1 ? 0 : price * (this.#flow.size[v] ?? 0);
      if (there[v] === 0) closure.pay(items.present(v), -rent);
      if (decisions[v] !== held) {
        closure.pay(items.rewritten(v), rent);
        if (again[writer] === 0) closure.require(items.rewritten(v), items.run(writer));
        if (there[v] === 0) closure.require(items.rewritten(v), items.present(v));
        if (there[v] === 0 && decisions[v] === dropped) closure.require(items.present(v), items.rewritten(v));
      }
      if (again[writer] === 1 || counted[writer] === 1) continue;
      counted[writer] = 1;
      closure.pay(items.run(writer), -(this.#costs[writer] ?? 0));
      for (const u of rowOf(inputs, writer)) {
        if (there[u] === 0) closure.require(items.run(writer), items.present(u));
      }
    }
    const { smallest, work } = closure.solve();
    const chosen = (item: number): boolean => smallest[item] === 1;
    let cost = 0;
    let bytes = 0;
    const holds = new Uint8Array(this.#flow.values);
    for (const v of this.#values) {
      const present = there[v] === 1 || chosen(items.present(v));
      if (!present || (decisions[v] !== held && chosen(items.rewritten(v)))) continue;
      holds[v] = 1;
      if (this.#read[v] === 0) bytes += this.#flow.size[v] ?? 0;
    }
    for (const [o, counts] of counted.entries()) {
      if (again[o] === 1 || (counts === 1 && chosen(items.run(o)))) cost += this.#costs[o] ?? 0;
    }
    const bound = cost + price * (bytes - this.room);
    return { bound, cost, bytes, holds, work: work + 10 * this.#values.length };
  }

  /** Values that must be there after the moment, and operations that must run again for them. */
  #forced(decisions: Decisions): { there: Uint8Array; again: Uint8Array } {
    const { inputs, producer } = this.#flow;
    const there = new Uint8Array(this.#flow.values);
    const again = new Uint8Array(this.#flow.operations);
    const queue = [...this.#needed];
    for (const v of queue) {
      if (there[v] === 1) continue;
      there[v] = 1;
      const writer = producer[v] ?? 0;
      if (decisions[v] !== dropped || again[writer] === 1) continue;
      again[writer] = 1;
      queue.push(...rowOf(inputs, writer));
    }
    return { there, again };
  }
}

/** Numbers for the items of a closure, given out as they are asked for. */
class Items {
  readonly #operations: number;
  readonly #values: number;
  readonly #numbers = new Map<number, number>();

  constructor(operations: number, values: number) {
    this.#operations = operations;
    this.#values = values;
  }

  run(operation: number): number {
    return this.#of(operation);
  }

  present(value: number): number {
    return this.#of(this.#operations + value);
  }

  rewritten(value: number): number {
    return this.#of(this.#operations + this.#values + value);
  }

  #of(key: number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
