/** From a dataflow and a budget to the cheapest sequence of executions. It refuses to check input. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { profileOf } from "../dataflow/profile.js";
import { randomFrom } from "../dataflow/random.js";
import { relaxed } from "../dataflow/takeover.js";
import { Annealer, type AnnealOptions, type Found } from "./anneal.js";
import { recomputationBound } from "./bound.js";
import { chainOf } from "./chain.js";
import { checkpointChain } from "./checkpoint.js";
import { type SweepRule, sweep } from "./sweep.js";
import { economize } from "./thrift.js";

export interface Searched {
  /** The cheapest sequence within the budget. */
  readonly cheapest: Found | undefined;
  /** The sequence of least peak. */
  readonly smallest: Found | undefined;
  /** No schedule within the budget costs less. */
  readonly lowerBound: number;
}

export interface SearchInput {
  readonly flow: Dataflow;
  readonly costs: Float64Array;
  readonly budget: number;
  /** No sequence has a lower peak. */
  readonly leastPeak: number;
  /** Legal orders to start from, the one of least peak first. */
  readonly orders: readonly [Int32Array, ...Int32Array[]];
  readonly seed: number;
  /** A cost that is low enough; infinite where any schedule within the budget will do. */
  readonly enough: number;
}

const deep: SweepRule = { distance: 0, chained: true, spread: true };
const broad: SweepRule = { distance: 1, chained: false, spread: true };
const rules: readonly SweepRule[] = [
  { distance: 0, chained: false, spread: true },
  deep,
  { distance: 0, chained: true, spread: false },
  { distance: 1, chained: true, spread: false },
  broad,
  { distance: 2, chained: true, spread: true },
];

type Round = Pick<AnnealOptions, "hot" | "cold" | "price"> & { readonly from: "order" | "best" };

/** From the start with much freedom, then from the best known with less, in turn. */
const wide: Round = { from: "order", hot: 2, cold: 0.02, price: 0.5 };
const close: Round = { from: "best", hot: 0.3, cold: 0.01, price: 0.5 };
const thorough: readonly Round[] = [wide, close, wide, close, wide, close];

/** Where there are fewer steps for each operation, freedom costs more than it finds. */
const brief: readonly Round[] = [
  { ...wide, price: 4 },
  { ...close, price: 4 },
];
const polish: readonly Round[] = [{ ...close, hot: 0.03 }];

/** The rounds for so many steps for each operation. */
function roundsFor(steps: number): readonly Round[] {
  if (steps > 30_000) return thorough;
  if (steps > 4_000) return brief;
  return steps > 400 ? polish : [];
}

/** Shares of the effort that is left at each stage. */
const shares = { sweeps: 0.35, squeeze: 0.1, chain: 0.2, thrift: 0.15, bound: 0.15 } as const;

/** Of the known peak, what the next limit is not below. */
const longestStep = 0.8;

/** Of the budget, where nothing within it is found. */
const tighterShare = 0.95;

/** Of one round, so that small dataflows do not take all the time there is. */
const stepsPerOperation = 30_000;

export function search(input: SearchInput, effort: Effort): Searched {
  const { flow, costs, budget, leastPeak, orders, seed, enough } = input;
  const capacity = 6 * flow.operations + 256;
  const [order] = orders;
  const random = randomFrom(seed);
  const annealer = new Annealer(flow, costs, budget, order, capacity, random);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  for (const start of orders) annealer.offer(start);
  const sweepWithin = (limit: number, some: readonly SweepRule[], part: Effort): void => {
    for (const rule of some) {
      for (const start of orders) {
        const found = sweep(flow, costs, start, limit, rule, capacity, part);
        if (found !== undefined) annealer.offer(found);
      }
    }
  };
  const hopeless = enough === Number.POSITIVE_INFINITY;
  if (!hopeless) sweepWithin(budget, rules, effort.part(shares.sweeps));
  for (const start of orders) {
    const chain = chainOf(flow, start);
    const found = chain && checkpointChain(chain, costs, budget, effort.part(shares.chain));
    if (found !== undefined) annealer.offer(found);
  }
  for (const start of orders) {
    const thrift = { order: start, goal: budget, allowance: Number.POSITIVE_INFINITY };
    annealer.offer(economize(flow, costs, thrift, effort.part(shares.thrift)).items);
  }
  if (annealer.cheapest === undefined) {
    const part = effort.part(hopeless ? shares.sweeps : shares.squeeze);
    squeeze(annealer, leastPeak, (limit) => sweepWithin(limit, [deep, broad], part));
  }
  const recompute = (): number => (annealer.cheapest?.cost ?? Number.POSITIVE_INFINITY) - total;
  const known = recompute();
  const ideal = relaxed(flow);
  const { during } = profileOf(ideal, order);
  const bounding = effort.part(hopeless ? 0 : shares.bound);
  const bound = recomputationBound(ideal, costs, budget, order, during, known, bounding);
  const lowerBound = total + bound;
  const report = (stage: string): void =>
    effort.report({ stage, objective: "cost", best: total + recompute(), lowerBound });
  report("bound");
  const rounds = roundsFor(effort.left / flow.operations);
  // Where the first rounds find nothing, the others aim lower: what comes close to less is within the budget.
  const tighter = new Annealer(flow, costs, tighterShare * budget, order, capacity, random);
  for (const [i, { from, ...round }] of rounds.entries()) {
    const known = annealer.cheapest;
    if ((known !== undefined && known.cost <= Math.max(lowerBound, enough)) || effort.left === 0) break;
    const nearest = known ?? annealer.smallest;
    const start = (from === "best" ? nearest?.items : undefined) ?? order;
    const part = effort.part(1 / (rounds.length - i), stepsPerOperation * (flow.operations + 10));
    const one = known === undefined && 2 * i >= rounds.length ? tighter : annealer;
    one.run({ ...round, start, enough: Math.max(lowerBound, enough) }, part);
    if (one.smallest !== undefined) annealer.offer(one.smallest.items);
    report("anneal");
  }
  return { cheapest: annealer.cheapest, smallest: annealer.smallest, lowerBound };
}

/**
 * Toward the budget, and below it as long as nothing fits: sweeps find least within limits that are barely feasible, so that
 * each is not far below what is known, and halfway to what was not reached.
 */
function squeeze(annealer: Annealer, impossible: number, sweepWithin: (limit: number) => void): void {
  for (let missed = impossible; annealer.cheapest === undefined; ) {
    const known = annealer.smallest?.peak ?? 0;
    const limit = Math.floor(Math.max((missed + known) / 2, longestStep * known));
    if (limit <= missed || limit >= known) return;
    sweepWithin(limit);
    if ((annealer.smallest?.peak ?? 0) > limit) missed = limit;
  }
}
