/**
 * Very large inputs: what is alive in the fullest sections is packed by itself, exhaustively, and everything else put
 * around it. What then stands out makes the sections around it part of the core. It refuses cores it cannot search.
 */

import { effortOf } from "./exact/narrow.js";
import { type Placement, placeInOrder } from "./greedy.js";
import type { Meter } from "./meter.js";
import { orderOf } from "./orders.js";
import { type Packing, restrict } from "./packing.js";
import { promote } from "./repair.js";

/** Fullness, as shares of the bound, above which sections belong to the core: the last affordable one is taken. */
const fullnesses = [0.99, 0.97, 0.95, 0.9, 0.85, 0.8] as const;
/** Share of the budget's rest that packing a core may take, and how many searches through it that must be enough for. */
const share = 1 / 8;
const searches = 4;
/** How often the core grows. */
const growths = 4;

/** The lowest packing found of a core; nothing below the target is looked for. */
export type PackCore = (core: Packing, target: number, meter: Meter) => Placement;

/**
 * The lowest placement found, once one is within the target or the core has become too large to search; undefined if
 * there is none. `start` tells the sections of the first core: see `hottest`.
 */
export function aroundCore(
  packing: Packing,
  start: Uint8Array,
  target: number,
  pack: PackCore,
  meter: Meter,
): Placement | undefined {
  const order = orderOf(packing, "busiest");
  const hot = start.slice();
  let best: Placement | undefined;
  for (let growth = 0; growth <= growths && !meter.exhausted; growth++) {
    const buffers = aliveIn(packing, hot);
    const core = restrict(packing, buffers);
    if (buffers.length === packing.count || searches * effortOf(core) > share * meter.left) break;
    const packed = pack(core, target, meter.part(share));
    if (packed.height > target) break;
    const placement = surround(packing, order, { buffers, offsets: packed.offsets }, target, meter);
    if (placement === undefined) break;
    if (best === undefined || placement.height < best.height) best = placement;
    if (best.height <= target) break;
    grow(packing, placement, target, hot);
  }
  return best;
}

/** The most sections, from the fullest down, whose members the budget is enough to pack; undefined if none. */
export function hottest(packing: Packing, meter: Meter): Uint8Array | undefined {
  let hot: Uint8Array | undefined;
  for (const fullness of fullnesses) {
    const next = Uint8Array.from(packing.load, (load) => (load > fullness * packing.bound ? 1 : 0));
    if (searches * effortOf(restrict(packing, aliveIn(packing, next))) > share * meter.left) break;
    hot = next;
  }
  return hot;
}

/** Everything else around the core, and once more with what stands out first. */
function surround(
  packing: Packing,
  order: Int32Array,
  core: { readonly buffers: Int32Array; readonly offsets: Float64Array },
  target: number,
  meter: Meter,
): Placement | undefined {
  const inside = new Uint8Array(packing.count);
  const offsets = new Float64Array(packing.count);
  for (const [at, buffer] of core.buffers.entries()) {
    inside[buffer] = 1;
    offsets[buffer] = core.offsets[at] ?? 0;
  }
  const fixed = { buffers: core.buffers, offsets };
  const place = (rest: Int32Array): Placement | undefined =>
    placeInOrder(packing, rest, 1, (steps) => meter.spend(steps), fixed);
  const rest = order.filter((buffer) => inside[buffer] === 0);
  const first = place(rest);
  if (first === undefined || first.height <= target) return first;
  const second = place(promote(packing, { order: rest, placement: first }, target));
  return second !== undefined && second.height < first.height ? second : first;
}

function aliveIn({ count, sections, from, to }: Packing, hot: Uint8Array): Int32Array {
  const before = new Int32Array(sections + 1);
  for (let s = 0; s < sections; s++) before[s + 1] = (before[s] ?? 0) + (hot[s] ?? 0);
  const alive: number[] = [];
  for (let i = 0; i < count; i++) if (before[to[i] ?? 0] !== before[from[i] ?? 0]) alive.push(i);
  return Int32Array.from(alive);
}

/** Adds the sections of all that stands out. */
function grow(
  { count, size, from, to }: Packing,
  { offsets }: Placement,
  target: number,
  hot: Uint8Array,
): void {
  for (let i = 0; i < count; i++) {
    if ((offsets[i] ?? 0) + (size[i] ?? 0) > target) hot.fill(1, from[i] ?? 0, to[i] ?? 0);
  }
}
