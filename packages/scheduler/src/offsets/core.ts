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
const shares = [0.99, 0.97, 0.95, 0.9, 0.85, 0.8] as const;
/** Share of the budget's rest that one pass over the core may take. */
const portion = 1 / 16;
/** How often the core grows. */
const growths = 4;

/** Packs a core under the target, or gives undefined. */
export type PackCore = (core: Packing, target: number) => Placement | undefined;

/** A placement within the target, or undefined where no core that is worth a try leads to one. */
export function aroundCore(
  packing: Packing,
  target: number,
  pack: PackCore,
  meter: Meter,
): Placement | undefined {
  const order = orderOf(packing, "busiest");
  const hot = startOf(packing, meter);
  if (hot === undefined) return undefined;
  for (let growth = 0; growth <= growths && !meter.exhausted; growth++) {
    const buffers = aliveIn(packing, hot);
    const core = restrict(packing, buffers);
    if (buffers.length === packing.count || effortOf(core) > meter.left * portion) return undefined;
    const packed = pack(core, target);
    if (packed === undefined) return undefined;
    const offsets = new Float64Array(packing.count);
    const inside = new Uint8Array(packing.count);
    for (const [at, buffer] of buffers.entries()) {
      offsets[buffer] = packed.offsets[at] ?? 0;
      inside[buffer] = 1;
    }
    const fixed = { buffers, offsets };
    const spend = (steps: number): void => void meter.spend(steps);
    let rest: Int32Array = order.filter((buffer) => inside[buffer] === 0);
    let placement = placeInOrder(packing, rest, 1, spend, fixed);
    if (placement.height <= target) return placement;
    rest = promote(packing, { order: rest, placement }, target);
    placement = placeInOrder(packing, rest, 1, spend, fixed);
    if (placement.height <= target) return placement;
    grow(packing, placement, target, hot);
  }
  return undefined;
}

/** The most sections whose members can be packed exhaustively, from the fullest down; undefined if none. */
function startOf(packing: Packing, meter: Meter): Uint8Array | undefined {
  let hot: Uint8Array | undefined;
  for (const share of shares) {
    const next = Uint8Array.from(packing.load, (load) => (load > share * packing.bound ? 1 : 0));
    const buffers = aliveIn(packing, next);
    if (effortOf(restrict(packing, buffers)) > meter.left * portion) break;
    hot = next;
  }
  return hot;
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
