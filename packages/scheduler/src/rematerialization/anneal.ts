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
import { Moves } from "./moves.js";
import { Timeline } from "./timeline.js";

export interface Found {
  readonly items: Int32Array;
  readonly cost: number;
  readonly peak: number;
}

export interface AnnealOptions {
  readonly start: Int32Array;
  /** First and last temperature, in average costs of an operation. */
  readonly hot: number;
  readonly cold: number;
  /** First price of a byte above the budget for one position, in average cost per average size. */
  readonly price: number;
  /** A cost that cannot be beaten. */
  readonly enough: number;
}

/** How often the price is looked at in one run. */
const ticks = 200;

/** Keeps the cheapest sequence within the budget and the one of least peak over any number of runs. */
export class Annealer {
  readonly #timeline: Timeline;
  readonly #moves: Moves;
  readonly #random: () => number;
  readonly #unit: number;
  readonly #bytes: number;
  #leastOverflow = Number.POSITIVE_INFINITY;
  cheapest: Found | undefined;
  smallest: Found | undefined;

  constructor(
    flow: Dataflow,
    costs: Float64Array,
    budget: number,
    order: Int32Array,
    capacity: number,
    random: () => number,
  ) {
    this.#timeline = new Timeline(flow, costs, budget, capacity);
    this.#moves = new Moves(this.#timeline, order, random);
    this.#random = random;
    const mean = (list: Float64Array): number =>
      list.reduce((sum, item) => sum + item, 0) / Math.max(1, list.length) || 1;
    this.#unit = mean(costs);
    this.#bytes = mean(flow.size);
  }

  /** Looks at a sequence that somebody else made; false when it is not legal. */
  offer(items: Int32Array): boolean {
    if (!this.#timeline.load(items)) return false;
    this.#note();
    return true;
  }

  run({ start, hot, cold, price, enough }: AnnealOptions, effort: Effort): void {
    const timeline = this.#timeline;
    if (!timeline.load(start)) throw new RangeError("the sequence to start from reads before it writes");
    this.#note();
    let weight = (price * this.#unit) / this.#bytes;
    const { edit } = this.#moves;
    for (let tick = 0; ; ) {
      const { progress } = effort;
      if (progress * ticks >= tick) {
        tick++;
        weight *= timeline.overflow > 0 ? 1.03 : 0.98;
      }
      const found = this.#moves.any();
      if (!effort.spend(found ? 16 + 4 * (edit.to - edit.from + edit.length) : 4)) return;
      const weighed = found ? timeline.weigh(edit) : undefined;
      if (weighed === undefined) continue;
      effort.spend(weighed.outside.length >> 5);
      const worse = weighed.costChange + weight * weighed.overflowChange;
      const overflow = timeline.overflow + weighed.overflowChange;
      const record =
        overflow <= 0 &&
        timeline.cost + weighed.costChange < (this.cheapest?.cost ?? Number.POSITIVE_INFINITY);
      if (
        !record &&
        worse > 0 &&
        this.#random() >= acceptance(worse / (this.#unit * cooled(hot, cold, progress)))
      )
        continue;
      timeline.commit();
      if (edit.length !== edit.to - edit.from) effort.spend((timeline.length - edit.from) >> 5);
      if (record || (this.cheapest === undefined && overflow < this.#leastOverflow)) {
        this.#note();
        effort.spend(timeline.length >> 4);
      }
      if (this.cheapest !== undefined && this.cheapest.cost <= enough) return;
    }
  }

  #note(): void {
    const { items, length, overflow, peak, costs } = this.#timeline;
    const copy = items.slice(0, length);
    const found = { items: copy, peak, cost: copy.reduce((sum, o) => sum + (costs[o] ?? 0), 0) };
    this.#leastOverflow = Math.min(this.#leastOverflow, overflow);
    if (overflow <= 0 && found.cost < (this.cheapest?.cost ?? Number.POSITIVE_INFINITY))
      this.cheapest = found;
    if (peak < (this.smallest?.peak ?? Number.POSITIVE_INFINITY)) this.smallest = found;
  }
}

/** Close to exp(-x), by operations that every engine rounds alike. */
function acceptance(x: number): number {
  const root = Math.max(0, 1 - x / 8);
  const square = root * root;
  const fourth = square * square;
  return fourth * fourth;
}

/** The temperature when a share of the effort is spent: it falls by half in equal stages, straight in between. */
function cooled(hot: number, cold: number, share: number): number {
  let halvings = 1;
  for (let t = hot; t > cold; t /= 2) halvings++;
  const stage = Math.floor(share * halvings);
  return hot * 2 ** -stage * (1 - 0.5 * (share * halvings - stage));
}
