/** Plans of steps in micro-batches, as few as a memory budget asks for where that is left open. It refuses to divide. */

import { type Graph, MemoryBudgetError } from "@adjoint/core";
import { shown } from "../memory-input.js";
import { sharing } from "../passes/effort.js";
import { type PlanOptions, planning } from "../passes/pipeline.js";
import { atOnce, type Pausing } from "../pausing.js";
import type { Plan } from "../plan/plan.js";
import { accumulate, microBatchCounts } from "./accumulate.js";
import { MicroBatchError } from "./error.js";

/** How many, or "auto": the first number, from 1 up, with which a plan within the budget is found. */
export type MicroBatches = number | "auto";

export interface PartedPlan {
  readonly plan: Plan;
  readonly microBatches: number;
}

/** Of the effort: for the step as a whole, for finding in how many parts, and for planning it in so many. */
const third = 1 / 3;

/** How many numbers of parts, the whole among them, say what more of them would give. */
const telling = 3;

/**
 * @throws MicroBatchError where a given number cannot be had; MemoryBudgetError where no plan within the budget is found,
 * for "auto" the one of the smallest size that was, its cause a MicroBatchError where the step cannot be divided.
 */
export function planInParts(step: Graph, count: MicroBatches, options: PlanOptions): PartedPlan {
  return atOnce(planningInParts(step, count, options));
}

/** The same, with pauses. */
export function* planningInParts(
  step: Graph,
  count: MicroBatches,
  options: PlanOptions,
): Pausing<PartedPlan> {
  checkMicroBatches(count);
  if (count === "auto") return yield* inFewest(step, options);
  const found = yield* planning(accumulate(step, { microBatches: count }), options);
  return { plan: found, microBatches: count };
}

/** Looks for the number of parts with little effort, since each costs a search, and plans with more once it is known. */
function* inFewest(step: Graph, options: PlanOptions): Pausing<PartedPlan> {
  const whole = yield* attempt(step, sharing(options, third));
  if (!(whole instanceof MemoryBudgetError)) return { plan: whole, microBatches: 1 };
  const missed: Missed[] = [{ parts: 1, error: whole }];
  let cause: unknown;
  let stopped = false;
  try {
    const counts = microBatchCounts(step).filter((parts) => parts > 1);
    for (const parts of counts) {
      const parted = accumulate(step, { microBatches: parts });
      const found = yield* attempt(parted, sharing(options, third / counts.length));
      if (!(found instanceof MemoryBudgetError)) {
        const again = yield* attempt(parted, sharing(options, third));
        return { plan: cheaper(found, again), microBatches: parts };
      }
      missed.push({ parts, error: found });
      stopped = missed.length >= telling && limitOf(missed, parts / 2) > found.budget;
      if (stopped) break;
    }
  } catch (error) {
    if (!(error instanceof MicroBatchError)) throw error;
    cause = error;
  }
  const { budget, smallest, witness } = missed.reduce((a, b) =>
    b.error.smallest < a.error.smallest ? b : a,
  ).error;
  const bound = stopped ? 0 : Math.min(...missed.map(({ error }) => error.lowerBound));
  const refusal = new MemoryBudgetError(budget, smallest, bound, witness);
  if (cause !== undefined) refusal.cause = cause;
  throw refusal;
}

/** A number of parts in which the step does not fit. */
interface Missed {
  readonly parts: number;
  readonly error: MemoryBudgetError;
}

/**
 * What any number of parts will take, from what the last took and one of at most `most` parts: a part of the memory is in
 * proportion to 1 / parts.
 */
function limitOf(missed: readonly Missed[], most: number): number {
  const one = missed.filter(({ parts }) => parts <= most).at(-1);
  const other = missed.at(-1);
  if (one === undefined || other === undefined) return 0;
  const rise = other.parts * other.error.smallest - one.parts * one.error.smallest;
  return rise / (other.parts - one.parts);
}

function cheaper(found: Plan, again: Plan | MemoryBudgetError): Plan {
  if (again instanceof MemoryBudgetError) return found;
  return again.memory.recomputedFlops < found.memory.recomputedFlops ? again : found;
}

/** @throws MicroBatchError for what is neither a positive integer nor "auto". */
export function checkMicroBatches(count: unknown): void {
  if (count === "auto" || (typeof count === "number" && Number.isSafeInteger(count) && count >= 1)) return;
  throw new MicroBatchError(
    "count",
    `microBatches must be a positive integer or "auto", not ${shown(count)}.`,
  );
}

function* attempt(step: Graph, options: PlanOptions): Pausing<Plan | MemoryBudgetError> {
  try {
    return yield* planning(step, options);
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error;
    throw error;
  }
}
