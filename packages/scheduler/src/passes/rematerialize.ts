/**
 * rematerialize: clusters → clusters. Lets clusters run again where that saves memory: without a budget only what is
 * nearly free, with one as much as it takes. It refuses to exceed the budget.
 */

import { MemoryBudgetError } from "@adjoint/core";
import { flopsOf } from "@adjoint/core/kernel";
import { type Arena, arenaOf, arenaWitness } from "../allocate/arena.js";
import type { Effort } from "../dataflow/effort.js";
import { dataflowOf } from "../dataflow/input.js";
import { fit } from "../rematerialization/fit.js";
import { economize } from "../rematerialization/thrift.js";
import { bindClusters } from "./bind.js";
import { oncePerKernel, timeOf } from "./costs.js";
import { effortFor, meterFor } from "./effort.js";
import { flowOf } from "./flow.js";
import { type Cluster, type ClusterStage, definePass, type KernelStage, type PassContext } from "./stage.js";

/** Share of a step's time that recomputation without a budget may take. */
const nearlyFree = 0.01;

/** Budgets that are tried where placing the buffers takes more than what is alive at once. */
const tries = 4;

/** Share of the effort left that each try may take. */
const tryShare = 0.7;

const seed = 1;

export const rematerialize = definePass("rematerialize", "clusters", "clusters", (stage, context) => {
  const effort = effortFor(
    "rematerialize",
    context,
    context.memoryBudget === undefined ? 0 : stage.clusters.length,
  );
  return context.memoryBudget === undefined
    ? withSpared(stage, context, effort)
    : withinBudget(stage, context, context.memoryBudget, effort);
});

function withSpared(stage: ClusterStage, { target }: PassContext, effort: Effort): ClusterStage {
  const time = oncePerKernel(timeOf);
  const times = Float64Array.from(stage.clusters, ({ kernel }) => time(kernel));
  const allowance = nearlyFree * times.reduce((sum, time) => sum + time, 0);
  const flow = dataflowOf(flowOf(stage, target.alignment));
  const order = Int32Array.from(stage.clusters.keys());
  const { items } = economize(flow, times, { order, goal: 0, allowance }, effort);
  return { ...stage, clusters: inSequence(stage, items) };
}

/**
 * Searches with smaller and smaller budgets until what is found also fits once it is placed. Failing that, what takes
 * least of all: a search that does not depend on the budget, so that the size it reaches is met when it is asked for.
 */
function withinBudget(
  stage: ClusterStage,
  context: PassContext,
  budgetBytes: number,
  effort: Effort,
): ClusterStage {
  const { alignment } = context.target;
  const flow = dataflowOf(flowOf(stage, alignment));
  const costs = Float64Array.from(stage.clusters, ({ kernel }) => flopsOf(kernel));
  const given = Int32Array.from(stage.clusters.keys());
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  let leastRecomputedFlops = 0;
  for (let round = 0, goal = budgetBytes; round < tries && goal >= 0; round++) {
    const found = fit({ flow, costs, budget: goal, given, seed }, effort.part(tryShare));
    if (round === 0) leastRecomputedFlops = Math.max(0, found.lowerBound - total);
    if (found.cheapest === undefined) break;
    const { clusters, arena } = placed(stage, found.cheapest.items, context, budgetBytes);
    if (arena.height <= budgetBytes) return { ...stage, clusters, leastRecomputedFlops, arena };
    goal -= arena.height - budgetBytes;
  }
  const least = fit({ flow, costs, budget: 0, given, seed }, effortFor("smallest", context));
  const { clusters, kernels, arena } = placed(stage, least.smallest.items, context, budgetBytes);
  if (arena.height <= budgetBytes) return { ...stage, clusters, leastRecomputedFlops, arena };
  throw new MemoryBudgetError(budgetBytes, arena.height, least.leastPeak, arenaWitness(kernels, arena));
}

interface Placed {
  readonly clusters: readonly Cluster[];
  readonly kernels: KernelStage;
  readonly arena: Arena;
}

function placed(stage: ClusterStage, items: Int32Array, context: PassContext, capacity: number): Placed {
  const clusters = inSequence(stage, items);
  const kernels = bindClusters({ ...stage, clusters });
  const arena = arenaOf(kernels, context.target, meterFor(context), capacity);
  return { clusters, kernels, arena };
}

function inSequence({ clusters }: ClusterStage, items: Int32Array): Cluster[] {
  return Array.from(items).flatMap((index) => clusters[index] ?? []);
}
