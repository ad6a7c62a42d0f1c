/** From a dataflow and a budget to the cheapest executions found: an order if one fits, else a search. It refuses to check input. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { relaxed } from "../dataflow/takeover.js";
import { firstOrder } from "../dataflow/topological.js";
import { operandBound } from "../ordering/bound.js";
import { arrangeInPlace } from "../ordering/in-place.js";
import type { Found } from "./anneal.js";
import { search } from "./search.js";

export interface FitInput {
  readonly flow: Dataflow;
  readonly costs: Float64Array;
  readonly budget: number;
  /** A legal order to start from. */
  readonly given: Int32Array | undefined;
  readonly seed: number;
}

export interface Fit {
  /** The cheapest sequence within the budget; undefined where none was found. */
  readonly cheapest: Found | undefined;
  /** The sequence of least peak. */
  readonly smallest: Found;
  /** No sequence within the budget costs less. */
  readonly lowerBound: number;
  /** No sequence has a lower peak. */
  readonly leastPeak: number;
}

/** Share of the effort for an order that fits without recomputation. */
const orderingShare = 0.25;

export function fit({ flow, costs, budget, given, seed }: FitInput, effort: Effort): Fit {
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const leastPeak = operandBound(relaxed(flow));
  const goal = Math.max(budget, leastPeak);
  const { order, peak } = arrangeInPlace(flow, given, goal, seed, effort.part(orderingShare));
  const arranged = { items: order, peak, cost: total };
  if (peak <= budget) return { cheapest: arranged, smallest: arranged, lowerBound: total, leastPeak };
  const others = [given ?? order, firstOrder(flow)].filter((other) => other.some((o, t) => o !== order[t]));
  const orders = [order, ...others] as const;
  const enough = budget < leastPeak ? Number.POSITIVE_INFINITY : 0;
  const found = search({ flow, costs, budget: goal, leastPeak, orders, seed, enough }, effort);
  const { smallest = arranged } = found;
  const cheapest = found.cheapest !== undefined && found.cheapest.peak <= budget ? found.cheapest : undefined;
  const lowerBound = Math.min(found.lowerBound, cheapest?.cost ?? Number.POSITIVE_INFINITY);
  return { cheapest, smallest, lowerBound, leastPeak };
}
