/** Plans of steps in micro-batches, as few as a memory budget asks for where that is left open. It refuses to divide. */

import { type Graph, MemoryBudgetError } from "@adjoint/core";
import { shown } from "../memory-input.js";
import { divided } from "../passes/effort.js";
import { type PlanOptions, plan } from "../passes/pipeline.js";
import type { Plan } from "../plan/plan.js";
import { accumulate, microBatchCounts } from "./accumulate.js";
import { MicroBatchError } from "./error.js";

/** How many, or "auto": the first number, from 1 up, with which a plan within the budget is found. */
export type MicroBatches = number | "auto";

export interface PartedPlan {
  readonly plan: Plan;
  readonly microBatches: number;
}

/**
 * @throws MicroBatchError where a given number cannot be had; MemoryBudgetError where no plan within the budget is found,
 * for "auto" the one of the smallest size that was, its cause a MicroBatchError where the step cannot be divided.
 */
export function planInParts(step: Graph, count: MicroBatches, options: PlanOptions): PartedPlan {
  checkMicroBatches(count);
  if (count !== "auto") {
    return { plan: plan(accumulate(step, { microBatches: count }), options), microBatches: count };
  }
  const counts = countsOf(step);
  const parts = counts instanceof MicroBatchError ? [] : counts;
  const each = divided(options, 1 + parts.length);
  const whole = attempt(step, each);
  if (!(whole instanceof MemoryBudgetError)) return { plan: whole, microBatches: 1 };
  let closest = whole;
  if (counts instanceof MicroBatchError) closest.cause = counts;
  try {
    for (const microBatches of parts) {
      const found = attempt(accumulate(step, { microBatches }), each);
      if (!(found instanceof MemoryBudgetError)) return { plan: found, microBatches };
      if (found.smallest < closest.smallest) closest = found;
    }
  } catch (error) {
    if (!(error instanceof MicroBatchError)) throw error;
    closest.cause = error;
  }
  throw closest;
}

/** How often the step can be divided, beyond not at all; or why it cannot. */
function countsOf(step: Graph): readonly number[] | MicroBatchError {
  try {
    return microBatchCounts(step).filter((parts) => parts > 1);
  } catch (error) {
    if (error instanceof MicroBatchError) return error;
    throw error;
  }
}

/** @throws MicroBatchError for what is neither a positive integer nor "auto". */
export function checkMicroBatches(count: unknown): void {
  if (count === "auto" || (typeof count === "number" && Number.isSafeInteger(count) && count >= 1)) return;
  throw new MicroBatchError(
    "count",
    `microBatches must be a positive integer or "auto", not ${shown(count)}.`,
  );
}

function attempt(step: Graph, options: PlanOptions): Plan | MemoryBudgetError {
  try {
    return plan(step, options);
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error;
    throw error;
  }
}
