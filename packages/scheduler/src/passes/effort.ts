/** How much the passes that search may search. It refuses to know what for. */

import { Effort, type PlanningProgress } from "../dataflow/effort.js";
import type { PassContext } from "./stage.js";

/** Seconds of planning where none are given: little, or what it takes to meet a budget. */
const seconds = { free: 0.3, budget: 2 } as const;

/** What each pass may use of that. */
const shares = { order: 0.2, rematerialize: 0.8 } as const;

/**
 * Counted steps, so that a plan does not depend on the machine; the clock stops a search only where the caller gives
 * `planningTime`.
 */
export function effortFor(pass: keyof typeof shares, context: PassContext, operations = 0): Effort {
  const { planningTime, memoryBudget, signal, onProgress } = context;
  const share = shares[pass];
  const options = {
    timeLimit: planningTime === undefined ? undefined : share * planningTime,
    signal,
    onProgress: onProgress && ((progress: PlanningProgress) => onProgress({ pass, ...progress })),
  };
  return Effort.of(options, {
    seconds: share * (memoryBudget === undefined ? seconds.free : seconds.budget),
    operations,
  });
}
