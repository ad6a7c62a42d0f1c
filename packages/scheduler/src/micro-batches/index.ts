/** Micro-batches: a step over a batch in equal parts. */

export type { AccumulateOptions, BatchOptions } from "./accumulate.js";
export { accumulate, microBatchCounts } from "./accumulate.js";
export type { BatchAxes } from "./batch.js";
export type { MicroBatchObstacle } from "./error.js";
export { MicroBatchError } from "./error.js";
export { type MicroBatches, type PartedPlan, planInParts } from "./plan.js";
