/**
 * Orders for a dataflow whose outputs can take over the memory of inputs. An order says what can be taken over; what is
 * taken over, as edges from the other readers, says which orders are left: the two are improved in turn. It refuses to
 * check input.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { profileOf } from "../dataflow/profile.js";
import { committed, relaxed, takeoversAlong, withTakeovers } from "../dataflow/takeover.js";
import { type Arranged, arrange, refine } from "./arrange.js";
import { operandBound } from "./bound.js";
import { leastOrder, mostOperations } from "./subsets.js";

/** Share of the effort left for the order that assumes every takeover, and for each later round. */
const share = 0.4;

/** Takes and returns what `arrange` does. */
export function arrangeInPlace(
  flow: Dataflow,
  given: Int32Array | undefined,
  goal: number,
  seed: number,
  effort: Effort,
): Arranged {
  if (flow.overwrites.items.length === 0) return arrange(flow, given, goal, seed, effort);
  const bound = relaxed(flow);
  const first = given === undefined ? Number.POSITIVE_INFINITY : peakInPlace(flow, given);
  if (given !== undefined && first <= goal) {
    return { order: given, peak: first, lowerBound: operandBound(bound) };
  }
  const exact = flow.operations <= mostOperations ? leastOrder(flow, effort.part(share)) : undefined;
  if (exact !== undefined) return { ...exact, lowerBound: exact.peak };
  const ideal = arrange(bound, given, goal, seed, effort.part(share));
  const enough = Math.max(goal, ideal.lowerBound);
  let best = { order: ideal.order, peak: peakInPlace(flow, ideal.order) };
  for (const start of given === undefined ? [ideal.order] : [given, ideal.order]) {
    let order = start;
    let before = Number.POSITIVE_INFINITY;
    for (let peak = peakInPlace(flow, order); peak < before; peak = peakInPlace(flow, order)) {
      if (peak < best.peak) best = { order, peak };
      if (best.peak <= enough || effort.left === 0) break;
      const edges = committed(flow, takeoversAlong(flow, order));
      order = refine(edges, order, enough, seed, effort.part(share)).order;
      before = peak;
    }
  }
  return { ...best, lowerBound: Math.min(ideal.lowerBound, best.peak) };
}

/** The largest sum of live bytes along an order, with everything taken over that can be. */
export function peakInPlace(flow: Dataflow, order: Int32Array): number {
  return profileOf(withTakeovers(flow, takeoversAlong(flow, order)), order).peak;
}
