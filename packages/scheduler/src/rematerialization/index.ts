/** Schedules within a memory budget, over plain data, and their replay. */

export {
  type RematerializationOperation,
  type RematerializationOptions,
  type RematerializationResult,
  rematerialize,
} from "./rematerialize.js";
export { type ReplayInput, replaySchedule } from "./replay.js";
export type { ScheduleStep } from "./schedule.js";
