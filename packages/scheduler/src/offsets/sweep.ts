/**
 * Placement in the order of time, as an allocator at run time would: only what is alive is in the way, so that one
 * list of ranges is all there is to search. Fast whatever the input; it refuses to look ahead.
 */

import type { Placement } from "./greedy.js";
import { orderOf } from "./orders.js";
import type { Packing } from "./packing.js";
import { Unions } from "./unions.js";

/** Lowest gaps that hold a buffer, of which it takes the smallest. */
const choices = 4;

export function sweep(packing: Packing): Placement {
  const { count, from, to, size } = packing;
  const ending = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (to[a] ?? 0) - (to[b] ?? 0) || a - b,
  );
  const offsets = new Float64Array(count);
  const alive = new Unions(1, 64);
  let height = 0;
  let ended = 0;
  for (const buffer of orderOf(packing, "earliest")) {
    const now = from[buffer] ?? 0;
    for (; ended < count && (to[ending[ended] ?? 0] ?? 0) <= now; ended++) {
      const dead = ending[ended] ?? 0;
      const start = offsets[dead] ?? 0;
      alive.remove(0, start, start + (size[dead] ?? 0));
    }
    const bytes = size[buffer] ?? 0;
    const offset = gapIn(alive, bytes);
    alive.add(0, offset, offset + bytes);
    offsets[buffer] = offset;
    height = Math.max(height, offset + bytes);
  }
  return { offsets, height };
}

function gapIn({ ranges, start, stop }: Unions, size: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  let found = 0;
  let address = 0;
  for (let at = start[0] ?? 0; at < (stop[0] ?? 0); at += 2) {
    const room = (ranges[at] ?? 0) - address;
    if (room >= size) {
      if (room < least) {
        least = room;
        best = address;
      }
      if (++found === choices) return best;
    }
    address = ranges[at + 1] ?? 0;
  }
  return best < 0 ? address : best;
}
