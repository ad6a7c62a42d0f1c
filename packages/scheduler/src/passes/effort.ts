/** How much the passes that search may search. It refuses to know what for. */

import { Effort, stepsOf } from "../dataflow/effort.js";
import type { PassContext } from "./stage.js";

/** Seconds of planning where none are given: little, or what it takes to meet a budget. */
const seconds = { free: 0.3, budget: 2 } as const;

/** What each pass may use of that. */
const shares = { order: 0.2, rematerialize: 0.8 } as const;

/**
 * Counted steps, so that a plan does not depend on the machine; the clock stops a search only where the caller gives
 * `planningTime`.
 */
export function effortFor(pass: keyof typeof shares, context: PassContext): Effort {
  const { planningTime, memoryBudget, signal, onProgress } = context;
  const timeLimit = planningTime ?? (memoryBudget === undefined ? seconds.free : seconds.budget);
  const share = timeLimit * shares[pass];
  return new Effort(stepsOf({ timeLimit: share }), {
    timeLimit: planningTime === undefined ? undefined : share,
    signal,
    onProgress: onProgress && ((progress) => onProgress({ pass, ...progress })),
  });
}
