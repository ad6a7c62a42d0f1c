/**
 * Greedy placement in several orders, then again and again with what stood out of the target moved to the front, the
 * orders that do worst left out round by round. After D. Joslin and D. Clements, "Squeaky wheel optimization", 1999.
 * It refuses to prove anything.
 */

import { type Placement, placeInOrder } from "./greedy.js";
import type { Meter } from "./meter.js";
import { type OrderName, orderOf } from "./orders.js";
import type { Packing } from "./packing.js";

interface Track {
  readonly order: Int32Array;
  readonly choices: number;
  readonly placement: Placement;
  /** Least height of this track so far. */
  readonly least: number;
}

/** Orders and the number of gaps a buffer may choose from. */
const starts: readonly (readonly [OrderName, number])[] = [
  ["busiest", 1],
  ["longest", 4],
  ["earliest", 4],
  ["busiestLongest", 4],
  ["largest", 4],
];

/** Steps of work of the exhaustive search that take as long as one of placing. */
const weight = 4;

/** Rounds of repair; all tracks take part in the first of them. */
export interface Contest {
  best: Placement;
  tracks: readonly Track[];
}

/** One greedy placement per order; stops at the target. */
export function greedy(packing: Packing, target: number, meter: Meter): Contest {
  const tracks: Track[] = [];
  let best: Placement | undefined;
  for (const [name, choices] of starts) {
    if (best !== undefined && (best.height <= target || meter.exhausted)) break;
    const track = run(packing, orderOf(packing, name), choices, meter);
    tracks.push(track);
    if (best === undefined || track.placement.height < best.height) best = track.placement;
  }
  return { best: best ?? { offsets: new Float64Array(0), height: 0, work: 0 }, tracks };
}

/** One round of repair; the better half of the tracks, but at least `keep`, goes on to the next. */
export function repair(packing: Packing, contest: Contest, target: number, keep: number, meter: Meter): Contest {
  let { best } = contest;
  const tracks: Track[] = [];
  for (const track of contest.tracks) {
    if (best.height <= target || meter.exhausted) break;
    const order = promote(packing, track, target);
    const next = run(packing, order, track.choices, meter);
    tracks.push({ ...next, least: Math.min(track.least, next.least) });
    if (next.placement.height < best.height) best = next.placement;
  }
  const ranked = tracks.map((track, index) => ({ track, index }));
  ranked.sort((a, b) => a.track.least - b.track.least || a.index - b.index);
  return { best, tracks: ranked.slice(0, Math.max(keep, Math.ceil(tracks.length / 2))).map(({ track }) => track) };
}

function run(packing: Packing, order: Int32Array, choices: number, meter: Meter): Track {
  const placement = placeInOrder(packing, order, choices);
  meter.spend(placement.work * weight);
  return { order, choices, placement, least: placement.height };
}

/** The same order, those that end above the target first. */
function promote({ size }: Packing, { order, placement }: Track, target: number): Int32Array {
  const above = (buffer: number): boolean => (placement.offsets[buffer] ?? 0) + (size[buffer] ?? 0) > target;
  const promoted = new Int32Array(order.length);
  let next = 0;
  for (const buffer of order) if (above(buffer)) promoted[next++] = buffer;
  for (const buffer of order) if (!above(buffer)) promoted[next++] = buffer;
  return promoted;
}
