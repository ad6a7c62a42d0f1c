/**
 * Greedy placement in several orders, then again and again with what stood out of the target moved to the front, the
 * orders that do worst left out round by round. After D. Joslin and D. Clements, "Squeaky wheel optimization", 1999.
 * It refuses to prove anything.
 */

import { type Placement, placeInOrder } from "./greedy.js";
import type { Meter } from "./meter.js";
import { type OrderName, orderOf } from "./orders.js";
import type { Packing } from "./packing.js";
import { sweep } from "./sweep.js";

/** Orders and the number of gaps a buffer may choose from, most promising first. */
const starts = [
  ["busiest", 1],
  ["longest", 4],
  ["earliest", 4],
  ["busiestLongest", 4],
  ["largest", 4],
] as const satisfies readonly (readonly [OrderName, number])[];

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
  #tracks: readonly Track[];
  #best: Placement;

  /** Begins with the most promising order alone, or where that is too much work with a sweep over time. */
  constructor(packing: Packing, target: number, meter: Meter) {
    this.#packing = packing;
    this.#target = target;
    this.#meter = meter;
    const [name, choices] = starts[0];
    const first = this.#run(orderOf(packing, name), choices);
    this.#tracks = first === undefined ? [] : [first];
    this.#best = first?.placement ?? sweep(packing);
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
    for (const [name, choices] of starts.slice(1)) {
      if (this.over) return;
      const track = this.#run(orderOf(this.#packing, name), choices);
      if (track !== undefined) this.#tracks = [...this.#tracks, track];
      this.#keep(track);
    }
  }

  /** Leaves out the worse half of the tracks, but not the best two, and repairs the others once. */
  round(): void {
    const ranked = [...this.#tracks].sort((a, b) => a.least - b.least);
    const tracks = ranked.slice(0, Math.max(2, Math.ceil(ranked.length / 2)));
    for (const [index, track] of tracks.entries()) {
      if (this.over) break;
      const next = this.#run(promote(this.#packing, track, this.#target), track.choices);
      if (next !== undefined) tracks[index] = { ...next, least: Math.min(track.least, next.least) };
      this.#keep(next);
    }
    this.#tracks = tracks;
  }

  #run(order: Int32Array, choices: number): Track | undefined {
    const placement = placeInOrder(this.#packing, order, choices, (steps) => this.#meter.spend(steps));
    return placement && { order, choices, placement, least: placement.height };
  }

  #keep(track: Track | undefined): void {
    if (track !== undefined && track.placement.height < this.#best.height) this.#best = track.placement;
  }
}

/** The same order, those that end above the target first. */
export function promote(
  { size }: Packing,
  { order, placement }: Pick<Track, "order" | "placement">,
  target: number,
): Int32Array {
  const above = (buffer: number): boolean => (placement.offsets[buffer] ?? 0) + (size[buffer] ?? 0) > target;
  const promoted = new Int32Array(order.length);
  let next = 0;
  for (const buffer of order) if (above(buffer)) promoted[next++] = buffer;
  for (const buffer of order) if (!above(buffer)) promoted[next++] = buffer;
  return promoted;
}
