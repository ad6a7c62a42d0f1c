/**
 * Local search over sequences of executions, reorder and recompute together. It refuses to prove anything.
 *
 * Simulated annealing on cost plus a price for what is above the budget; the price follows whether the search is
 * inside the budget or not. A sequence with repetitions says by itself what is retained and when, as the retention
 * intervals of Bartan et al., "MOCCASIN: efficient tensor rematerialization for neural networks" (ICML 2023) do, but
 * with any number of intervals and in any order.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import type { Measure, Sequence } from "./measure.js";
import { Moves } from "./moves.js";

export interface Found {
  readonly items: Int32Array;
  readonly cost: number;
  readonly peak: number;
}

export interface AnnealOptions {
  readonly start: Int32Array;
  readonly budget: number;
  /** Moves to try. */
  readonly moves: number;
  /** First and last temperature, in average costs of an operation. */
  readonly hot: number;
  readonly cold: number;
  /** First price of a byte above the budget for one position, in average cost per average size. */
  readonly price: number;
  /** A cost that cannot be beaten. */
  readonly enough: number;
}

/** Keeps the cheapest sequence within the budget and the one of least peak over any number of runs. */
export class Annealer {
  readonly #flow: Dataflow;
  readonly #measure: Measure;
  readonly #capacity: number;
  readonly #moves: Moves;
  readonly #random: () => number;
  cheapest: Found | undefined;
  smallest: Found | undefined;

  constructor(flow: Dataflow, measure: Measure, order: Int32Array, capacity: number, random: () => number) {
    this.#flow = flow;
    this.#measure = measure;
    this.#capacity = capacity;
    this.#moves = new Moves(flow, order, random);
    this.#random = random;
  }

  /** Steps that a move on a sequence of some length counts as. */
  price(length: number): number {
    return 1 + length / 6;
  }

  /** Looks at a sequence that somebody else made; false when it is not legal. */
  offer(items: Int32Array, budget: number): boolean {
    if (items.length > this.#capacity || !this.#measure.run({ items, length: items.length }, budget))
      return false;
    this.#note({ items, length: items.length }, budget);
    return true;
  }

  run({ start, budget, moves, hot, cold, price, enough }: AnnealOptions, effort: Effort): void {
    const measure = this.#measure;
    const operations = Math.max(1, this.#flow.operations);
    const unit = measure.total / operations || 1;
    const bytes = this.#flow.size.reduce((sum, size) => sum + size, 0) / Math.max(1, this.#flow.values) || 1;
    let current: Sequence = { items: new Int32Array(this.#capacity), length: start.length };
    let trial: Sequence = { items: new Int32Array(this.#capacity), length: 0 };
    current.items.set(start);
    if (!measure.run(current, budget))
      throw new RangeError("the sequence to start from reads before it writes");
    this.#note(current, budget);
    let { cost, overflow } = measure;
    let weight = (price * unit) / bytes;
    const cooling = new Cooling(hot * unit, cold * unit, moves);
    for (let move = 0; move < moves; move++) {
      if (move % 200 === 0) weight *= overflow > 0 ? 1.03 : 0.98;
      if (!effort.spend(this.price(trial.length))) return;
      if (this.cheapest !== undefined && this.cheapest.cost <= enough) return;
      const temperature = cooling.next();
      if (!this.#moves.any(current, trial) || !measure.run(trial, budget)) continue;
      const worse = measure.cost - cost + weight * (measure.overflow - overflow);
      this.#note(trial, budget);
      if (worse > 0 && this.#random() >= acceptance(worse / temperature)) continue;
      [current, trial] = [trial, current];
      ({ cost, overflow } = measure);
    }
  }

  #note({ items, length }: Sequence, budget: number): void {
    const { cost, peak } = this.#measure;
    if (peak <= budget && cost < (this.cheapest?.cost ?? Number.POSITIVE_INFINITY)) {
      this.cheapest = { items: items.slice(0, length), cost, peak };
    }
    if (peak < (this.smallest?.peak ?? Number.POSITIVE_INFINITY)) {
      this.smallest = { items: items.slice(0, length), cost, peak };
    }
  }
}

/** Close to exp(-x), by operations that every engine rounds alike. */
function acceptance(x: number): number {
  const root = Math.max(0, 1 - x / 8);
  const square = root * root;
  const fourth = square * square;
  return fourth * fourth;
}

/** Temperatures that fall by half in equal stages, straight in between. */
class Cooling {
  readonly #stage: number;
  #temperature: number;
  #left: number;

  constructor(hot: number, cold: number, moves: number) {
    let halvings = 1;
    for (let t = hot; t > cold; t /= 2) halvings++;
    this.#stage = Math.max(1, Math.floor(moves / halvings));
    this.#temperature = hot;
    this.#left = this.#stage;
  }

  next(): number {
    if (this.#left-- === 0) {
      this.#left = this.#stage - 1;
      this.#temperature /= 2;
    }
    return this.#temperature * (0.5 + (0.5 * this.#left) / this.#stage);
  }
}
