/** What a program costs when its memory is limited: plans for budgets from all it would take down to the least it can do with. */

import { type Graph, MemoryBudgetError } from "@adjoint/core";
import { MemoryInputError } from "../memory-input.js";
import { continuePasses, type PlanOptions, pipeline, planOf, runPasses } from "../passes/pipeline.js";
import { rematerialize } from "../passes/rematerialize.js";
import type { Plan } from "../plan/plan.js";

export interface BudgetPoint {
  readonly budgetBytes: number;
  /** What the plan within the budget takes; undefined where none was found. */
  readonly arenaBytes: number | undefined;
  /** Scalar operations computed again, as a share of those computed once. */
  readonly overhead: number | undefined;
  /** No plan of these kernels within the budget has less overhead; undefined where none was found. */
  readonly leastOverhead: number | undefined;
}

export interface BudgetCurveOptions
  extends Pick<PlanOptions, "target" | "planningTime" | "signal" | "onProgress"> {
  /** How many budgets, a whole number of at least 2; 8 by default. */
  readonly points?: number;
}

/**
 * From the smallest budget that a plan is found for to what the plan without a budget takes, in equal steps.
 * @throws MemoryInputError for an option that is not what it must be.
 */
export function budgetCurve(graph: Graph, { points = 8, ...options }: BudgetCurveOptions): BudgetPoint[] {
  if (!Number.isSafeInteger(points) || points < 2)
    throw new MemoryInputError(undefined, "points", `is ${points}; give a whole number of at least 2`);
  const ordered = runPasses(graph, { ...options, until: "order" });
  const rest = pipeline.slice(pipeline.indexOf(rematerialize));
  const planFor = (memoryBudget?: number): Plan =>
    planOf(continuePasses(ordered, rest, { ...options, memoryBudget }));
  const free = planFor();
  const smallest = smallestOf(planFor) ?? free.memory.arenaBytes;
  const budgets = Array.from({ length: points }, (_, k) =>
    Math.ceil(smallest + ((free.memory.arenaBytes - smallest) * k) / (points - 1)),
  );
  return [...new Set(budgets)].map((budgetBytes) => pointAt(budgetBytes, planFor));
}

/** The least that planning within nothing finds. */
function smallestOf(planFor: (budget: number) => Plan): number | undefined {
  try {
    planFor(0);
    return 0;
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error.smallest;
    throw error;
  }
}

function pointAt(budgetBytes: number, planFor: (budget: number) => Plan): BudgetPoint {
  try {
    const { arenaBytes, flops, recomputedFlops, leastRecomputedFlops } = planFor(budgetBytes).memory;
    const once = Math.max(1, flops - recomputedFlops);
    return {
      budgetBytes,
      arenaBytes,
      overhead: recomputedFlops / once,
      leastOverhead: leastRecomputedFlops / once,
    };
  } catch (error) {
    if (!(error instanceof MemoryBudgetError)) throw error;
    return { budgetBytes, arenaBytes: undefined, overhead: undefined, leastOverhead: undefined };
  }
}
