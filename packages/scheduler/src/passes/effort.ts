/** How much the passes that search may search. It refuses to know what for. */

import { Effort, type PlanningProgress } from "../dataflow/effort.js";
import { checkSeconds } from "../memory-input.js";
import { Meter } from "../offsets/meter.js";
import type { OffsetsProgress } from "../offsets/types.js";
import type { PassContext } from "./stage.js";

/** Seconds of search where none are given: little, or what it takes to meet a budget. */
const seconds = {
  order: { free: 0.03, budget: 0.4 },
  rematerialize: { free: 0.24, budget: 1.6 },
  smallest: { free: 0, budget: 1.6 },
  allocate: { free: 0.5, budget: 0.5 },
} as const;

/** The orders, the schedules within a budget, where there are none the smallest schedule, and the addresses. */
type Search = keyof typeof seconds;

/** What each search may use of `planningTime`. */
const shares = {
  order: 0.2,
  rematerialize: 0.35,
  smallest: 0.35,
  allocate: 0.1,
} as const satisfies Record<Search, number>;

/**
 * Counted steps, so that a plan does not depend on the machine; the clock stops a search only where the caller gives
 * `planningTime`.
 */
export function effortFor(search: Exclude<Search, "allocate">, context: PassContext, operations = 0): Effort {
  const { signal, onProgress } = context;
  const pass = search === "order" ? "order" : "rematerialize";
  const options = {
    timeLimit: limitOf(search, context),
    signal,
    onProgress: onProgress && ((progress: PlanningProgress) => onProgress({ pass, ...progress })),
  };
  return Effort.of(options, { seconds: secondsOf(search, context), operations });
}

/** The same for placing buffers. */
export function meterFor(context: PassContext): Meter {
  const { signal, onProgress } = context;
  const report = ({ stage, height: best, lowerBound, spent: used }: OffsetsProgress): void =>
    onProgress?.({ pass: "allocate", stage, objective: "peak", best, lowerBound, used });
  const options = { timeLimit: limitOf("allocate", context), signal, onProgress: onProgress && report };
  return Meter.of(options, secondsOf("allocate", context));
}

function secondsOf(search: Search, { memoryBudget, share = 1 }: PassContext): number {
  return share * seconds[search][memoryBudget === undefined ? "free" : "budget"];
}

function limitOf(search: Search, { planningTime }: PassContext): number | undefined {
  return planningTime === undefined ? undefined : shares[search] * planningTime;
}

/** Options for one of several plans that are to take no longer together. @throws MemoryInputError for no planning time. */
export function sharing<Options extends Pick<PassContext, "planningTime" | "share">>(
  options: Options,
  part: number,
): Options {
  const { planningTime, share = 1 } = options;
  checkSeconds(planningTime, "planningTime");
  if (planningTime === undefined) return { ...options, share: part * share };
  return { ...options, planningTime: part * planningTime };
}
