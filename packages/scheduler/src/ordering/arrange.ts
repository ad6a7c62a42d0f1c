/** From a dataflow to its best order: cheap orders, bounds, exact search, reduction, local search. It refuses to check input. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { profileOf } from "../dataflow/profile.js";
import { randomFrom } from "../dataflow/random.js";
import { depthFirstOrder, firstOrder } from "../dataflow/topological.js";
import { Arrangement } from "./arrangement.js";
import { cutBound, operandBound, passingBound } from "./bound.js";
import { bisect } from "./exact.js";
import { greedyBackward, greedyForward } from "./greedy.js";
import { reduce } from "./reduction.js";
import { improveWindows } from "./windows.js";

export interface Arranged {
  readonly order: Int32Array;
  readonly peak: number;
  readonly lowerBound: number;
}

/** Operations of the largest dataflow that is searched for modules, bounded by cuts, searched as a whole. */
const limits = { modules: 20_000, cuts: 10_000, whole: 5000 } as const;

/** Shares of the effort that is left at each stage. */
const shares = { bounds: 0.1, quick: 0.05, modules: 0.25, whole: 0.15, windows: 0.7 } as const;

/** States that one exploration of the whole may look at: in the first try, before and after local search. */
const states = { quick: 500, first: 2000, last: 50_000 } as const;

/** An order of peak at most `goal`, or the best found. `given` is a legal order; no worse one is returned. */
export function arrange(
  flow: Dataflow,
  given: Int32Array | undefined,
  goal: number,
  seed: number,
  effort: Effort,
): Arranged {
  if (given !== undefined && profileOf(flow, given).peak <= goal) {
    return { order: given, peak: profileOf(flow, given).peak, lowerBound: operandBound(flow) };
  }
  const start = cheapest(flow, given === undefined ? cheapOrders(flow) : [given, ...cheapOrders(flow)]);
  const whole = new Stages(start, operandBound(flow), goal, effort);
  if (whole.cheap()) return whole.result();
  if (flow.operations <= limits.modules) {
    const { flow: reduced, members } = reduce(flow, firstOrder(flow), effort.part(shares.modules));
    if (reduced.operations < flow.operations) {
      const inner = new Stages(cheapest(reduced, cheapOrders(reduced)), whole.lowerBound, goal, effort);
      if (!inner.cheap()) inner.search(seed);
      const { order, peak, lowerBound } = inner.result();
      if (whole.peak <= peak) return { ...whole.result(), lowerBound };
      return { order: Int32Array.from([...order].flatMap((step) => members[step] ?? [])), peak, lowerBound };
    }
  }
  whole.search(seed);
  return whole.result();
}

/** What local and exact search make of an order; no worse one is returned. */
export function refine(
  flow: Dataflow,
  given: Int32Array,
  goal: number,
  seed: number,
  effort: Effort,
): Arranged {
  const whole = new Stages(new Arrangement(flow, given), operandBound(flow), goal, effort);
  if (!whole.cheap()) whole.search(seed);
  return whole.result();
}

/** An order on its way down and a bound on its way up. */
class Stages {
  readonly #arrangement: Arrangement;
  readonly #goal: number;
  readonly #effort: Effort;
  lowerBound: number;

  constructor(arrangement: Arrangement, lowerBound: number, goal: number, effort: Effort) {
    this.#arrangement = arrangement;
    this.#goal = goal;
    this.#effort = effort;
    this.lowerBound = lowerBound;
    this.#report("greedy");
  }

  get peak(): number {
    return this.#arrangement.peak;
  }

  result(): Arranged {
    return {
      order: this.#arrangement.order,
      peak: this.peak,
      lowerBound: Math.min(this.lowerBound, this.peak),
    };
  }

  /** Bounds, and a short exact search; true when that is all there is to do. */
  cheap(): boolean {
    if (!this.#done()) this.#bound(this.#effort.part(shares.bounds));
    if (!this.#done()) this.#bisect(states.quick, this.#effort.part(shares.quick));
    return this.#done();
  }

  search(seed: number): void {
    if (!this.#done()) this.#bisect(states.first, this.#effort.part(shares.whole));
    if (!this.#done()) {
      const target = Math.max(this.#goal, this.lowerBound);
      improveWindows(this.#arrangement, target, randomFrom(seed), this.#effort.part(shares.windows));
      this.#report("windows");
    }
    if (!this.#done()) this.#bisect(states.last, this.#effort);
  }

  #done(): boolean {
    return this.peak <= Math.max(this.#goal, this.lowerBound) || this.#effort.left === 0;
  }

  #report(stage: string): void {
    this.#effort.report({ stage, objective: "peak", best: this.peak, lowerBound: this.lowerBound });
  }

  #bisect(most: number, effort: Effort): void {
    if (this.#arrangement.order.length > limits.whole) return;
    this.lowerBound = bisect(this.#arrangement, this.lowerBound, this.#goal, most, effort);
    this.#report("exact");
  }

  /** The bounds of the operations that need most in the present order; none of the others can have a larger one. */
  #bound(effort: Effort): void {
    const { flow, order, during } = this.#arrangement;
    const boundAt = flow.operations > limits.cuts ? passingBound : cutBound;
    for (const t of [...order.keys()].sort((a, b) => (during[b] ?? 0) - (during[a] ?? 0))) {
      if ((during[t] ?? 0) <= Math.max(this.lowerBound, this.#goal) || effort.left === 0) break;
      this.lowerBound = Math.max(this.lowerBound, boundAt(flow, order[t] ?? 0, effort));
    }
    this.#report("bounds");
  }
}

function cheapOrders(flow: Dataflow): Int32Array[] {
  return [
    firstOrder(flow),
    depthFirstOrder(flow),
    greedyForward(flow, "number"),
    greedyForward(flow, "latest"),
    greedyBackward(flow, "number"),
    greedyBackward(flow, "latest"),
  ];
}

function cheapest(flow: Dataflow, orders: readonly Int32Array[]): Arrangement {
  let best: Arrangement | undefined;
  for (const order of orders) {
    const { peak } = profileOf(flow, order);
    if (best === undefined || peak < best.peak) best = new Arrangement(flow, order);
  }
  return best ?? new Arrangement(flow, new Int32Array(0));
}
