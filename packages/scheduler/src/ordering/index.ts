/** Orders of execution for least peak memory, over plain data. */

export type { EffortOptions, PlanningProgress } from "../dataflow/effort.js";
export type { DataflowInput, DataflowOperation, DataflowValue } from "../dataflow/input.js";
export { type OrderingOptions, type OrderingResult, orderOperations } from "./order.js";
