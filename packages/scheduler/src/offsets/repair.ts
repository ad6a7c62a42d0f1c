/**
 * Greedy placement in several orders, then again and again with what stood out of the target moved to the front, the
 * orders that do worst left out round by round. After D. Joslin and D. Clements, "Squeaky wheel optimization", 1999.
 * It refuses to prove anything.
 */

import { type Placement, placeInOrder } from "./greedy.js";
import type { Meter } from "./meter.js";
import { type OrderName, orderOf } from "./orders.js";
import type { Packing } from "./packing.js";

/** Orders and the number of gaps a buffer may choose from, most promising first. */
const starts: readonly (readonly [OrderName, number])[] = [
  ["busiest", 1],
  ["longest", 4],
  ["earliest", 4],
  ["busiestLongest", 4],
  ["largest", 4],
];

/** One step of placing takes as long as this many of the exhaustive search. */
const weight = 4;

/** An order, what it led to, and its least height so far. */
interface Track {
  readonly order: Int32Array;
  readonly choices: number;
  readonly placement: Placement;
  readonly least: number;
}

/** A contest of orders about who reaches a target. */
export class Contest {
  readonly #packing: Packing;
  readonly #target: number;
  readonly #meter: Meter;
  #best: Placement;
  #tracks: Track[] = [];

  /** Begins with the most promising order, and repairs it twice. */
  constructor(packing: Packing, target: number, meter: Meter) {
    this.#packing = packing;
    this.#target = target;
    this.#meter = meter;
    this.#best = { offsets: new Float64Array(packing.count), height: Number.POSITIVE_INFINITY, work: 0 };
    this.#enter(0);
    for (let i = 0; i < 2 && !this.over; i++) this.round();
  }

  get best(): Placement {
    return this.#best;
  }

  /** Whether the target is reached or the budget used up. */
  get over(): boolean {
    return this.#best.height <= this.#target || this.#meter.exhausted;
  }

  /** Adds the other orders. */
  widen(): void {
    for (let i = 1; i < starts.length && !this.over; i++) this.#enter(i);
  }

  /** Repairs every track once and leaves out the worse half, but not the best two. */
  round(): void {
    const tracks: { track: Track; index: number }[] = [];
    for (const [index, track] of this.#tracks.entries()) {
      if (this.over) return;
      const next = this.#run(this.#promote(track), track.choices);
      tracks.push({ track: { ...next, least: Math.min(track.least, next.least) }, index });
    }
    tracks.sort((a, b) => a.track.least - b.track.least || a.index - b.index);
    this.#tracks = tracks.slice(0, Math.max(2, Math.ceil(tracks.length / 2))).map(({ track }) => track);
  }

  #enter(index: number): void {
    const [name, choices] = starts[index] ?? ["busiest", 1];
    this.#tracks.push(this.#run(orderOf(this.#packing, name), choices));
  }

  #run(order: Int32Array, choices: number): Track {
    const placement = placeInOrder(this.#packing, order, choices);
    this.#meter.spend(placement.work * weight);
    if (placement.height < this.#best.height) this.#best = placement;
    return { order, choices, placement, least: placement.height };
  }

  /** The same order, those that end above the target first. */
  #promote({ order, placement }: Track): Int32Array {
    const { size } = this.#packing;
    const above = (buffer: number): boolean =>
      (placement.offsets[buffer] ?? 0) + (size[buffer] ?? 0) > this.#target;
    const promoted = new Int32Array(order.length);
    let next = 0;
    for (const buffer of order) if (above(buffer)) promoted[next++] = buffer;
    for (const buffer of order) if (!above(buffer)) promoted[next++] = buffer;
    return promoted;
  }
}
