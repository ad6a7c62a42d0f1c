/**
 * Looks for the least capacity that some packing fits under, by exhaustive searches between what is proven impossible
 * and what has been found. It refuses to take longer than its meter allows.
 */

import type { Placement } from "../greedy.js";
import type { Meter } from "../meter.js";
import type { Packing } from "../packing.js";
import { modelOf } from "./model.js";
import { searchUnder } from "./restarts.js";
import { State } from "./state.js";

/** Differences in height below this share of the bound are left for later. */
const grain = 1 / 2048;
/** First attempts share the budget with this many. */
const attempts = 32;

export interface Narrowed {
  readonly best: Placement;
  /** No packing is lower than this. */
  readonly proven: number;
}

/** Steps of work that one search without a contradiction takes, about: every section is looked at per member. */
export function effortOf({ count, from, to, sections }: Packing): number {
  const change = new Int32Array(sections + 1);
  for (let i = 0; i < count; i++) {
    const first = from[i] ?? 0;
    const end = to[i] ?? 0;
    change[first] = (change[first] ?? 0) + 1;
    change[end] = (change[end] ?? 0) - 1;
  }
  let effort = 0;
  for (let s = 0, members = 0; s < sections; s++) {
    members += change[s] ?? 0;
    effort += members * members;
  }
  return effort;
}

/** Lowers a placement, to the target if possible; `target` and `best.height` are multiples of the packing's unit. */
export function narrow(packing: Packing, first: Placement, target: number, effort: number, meter: Meter): Narrowed {
  const { unit, bound } = packing;
  const model = modelOf(packing);
  const state = new State(model);
  const step = Math.max(1, Math.floor((bound * grain) / unit)) * unit;
  let best = first;
  let proven = bound;
  let start = 0;
  for (let slice = Math.max(meter.left / attempts, 2 * effort); !meter.exhausted; slice *= 2) {
    let low = Math.max(target, proven);
    let aim = low;
    while (best.height > low && !meter.exhausted) {
      let rest = slice;
      const spend = (steps: number): boolean => {
        rest -= steps;
        return meter.spend(steps) && rest > 0;
      };
      const { outcome, last } = searchUnder(state, { capacity: aim, first: start, spend });
      start = last;
      if (outcome === "found") best = placementOf(state);
      else low = aim + unit;
      if (outcome === "impossible") proven = Math.max(proven, aim + unit);
      meter.report("search", best.height, proven);
      if (best.height <= Math.max(target, proven)) return { best, proven };
      if (best.height - low < step) break;
      aim = low + Math.floor((best.height - low) / 2 / unit) * unit;
    }
  }
  return { best, proven };
}

function placementOf({ model, release }: State): Placement {
  const offsets = new Float64Array(model.count);
  let height = 0;
  for (let i = 0; i < model.count; i++) {
    const offset = release[i] ?? 0;
    offsets[model.origin[i] ?? 0] = offset;
    height = Math.max(height, offset + (model.size[i] ?? 0));
  }
  return { offsets, height, work: 0 };
}
