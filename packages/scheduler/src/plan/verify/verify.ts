/**
 * The replay verifier: carries a plan out with names instead of numbers, byte range by byte range, and checks everything that
 * the planner stated. It shares no code with the planner. What kernels compute is theirs; a budget and the bound for it are
 * given.
 */

import type { Plan } from "../plan.js";
import { checkLifetimes, checkMemory } from "./figures.js";
import { checkTables } from "./tables.js";
import { traceOf } from "./values.js";

/** What a replay measured. */
export interface Replay {
  /** Top of the arena touched. */
  readonly arenaBytes: number;
  /** Largest sum of buffers that hold a value still to be read. */
  readonly maxLiveBytes: number;
}

/**
 * Replays a plan.
 * @throws PlanError naming the entry that is not so: the step that finds another value than it reads or overwrites what is
 * still needed, the lifetime, the figure in `plan.memory`. VerificationError for a kernel that is none.
 */
export function verifyPlan(plan: Plan): Replay {
  const trace = traceOf(plan, checkTables(plan));
  checkLifetimes(plan, trace);
  checkMemory(plan, trace);
  const { arenaBytes, maxLiveBytes } = plan.memory;
  return { arenaBytes, maxLiveBytes };
}
