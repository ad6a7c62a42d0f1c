/** How much the passes that search may search. It refuses to know what for. */

import { Effort, type PlanningProgress } from "../dataflow/effort.js";
import { checkSeconds } from "../memory-input.js";
import type { PassContext } from "./stage.js";

/** Seconds of search where none are given: little, or what it takes to meet a budget. */
const seconds = {
  order: { free: 0.03, budget: 0.4 },
  rematerialize: { free: 0.24, budget: 1.6 },
  smallest: { free: 0, budget: 1.6 },
} as const;

/** What each search may use of `planningTime`. */
const shares = { order: 0.2, rematerialize: 0.4, smallest: 0.4 } as const satisfies Record<Search, number>;

/** The orders, the schedules within a budget, and where there are none the smallest schedule. */
type Search = keyof typeof seconds;

/**
 * Counted steps, so that a plan does not depend on the machine; the clock stops a search only where the caller gives
 * `planningTime`.
 */
export function effortFor(search: Search, context: PassContext, operations = 0): Effort {
  const { planningTime, memoryBudget, signal, onProgress } = context;
  const pass = search === "order" ? "order" : "rematerialize";
  const options = {
    timeLimit: planningTime === undefined ? undefined : shares[search] * planningTime,
    signal,
    onProgress: onProgress && ((progress: PlanningProgress) => onProgress({ pass, ...progress })),
  };
  const given = memoryBudget === undefined ? "free" : "budget";
  return Effort.of(options, { seconds: seconds[search][given], operations });
}

/** Options for each of several plans that are to take no longer together. @throws MemoryInputError for no such time. */
export function divided<Options extends Pick<PassContext, "planningTime">>(
  options: Options,
  plans: number,
): Options {
  const { planningTime } = options;
  checkSeconds(planningTime, "planningTime");
  return planningTime === undefined ? options : { ...options, planningTime: planningTime / plans };
}
