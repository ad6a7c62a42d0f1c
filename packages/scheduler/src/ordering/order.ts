/** Orders of execution for least peak memory, over plain data. It refuses to know tensors or graphs. */

import { Effort, type EffortOptions } from "../dataflow/effort.js";
import { type DataflowInput, dataflowOf } from "../dataflow/input.js";
import { firstOrder, givenOrder } from "../dataflow/topological.js";
import { checkListeners, checkRecord, checkSeed } from "../memory-input.js";
import { arrangeInPlace } from "./in-place.js";

export interface OrderingOptions extends DataflowInput, EffortOptions {
  /** A legal order that is known; the answer is never worse than it. */
  readonly order?: readonly number[] | undefined;
  /** Local search is random; the same seed gives the same answer. 1 by default. */
  readonly seed?: number | undefined;
}

export interface OrderingResult {
  /** Every operation once, after the operations that write what it reads. */
  readonly order: number[];
  /** Largest sum of live bytes over time, with inputs, outputs and workspace of the running operation. */
  readonly peak: number;
  /** No order has a lower peak; equal to `peak` when the order is proved optimal. */
  readonly lowerBound: number;
}

/**
 * An order of least peak memory. A value is live from its writer to its last reader, or to the end where it is kept;
 * a value that nobody reads only while its writer runs; an output takes no memory beside an input that it overwrites.
 * Deterministic, synchronous. Throws MemoryInputError for input
 * that is not what it must be, and the signal's reason.
 */
export function orderOperations(options: OrderingOptions): OrderingResult {
  checkListeners(checkRecord(options));
  checkSeed(options.seed);
  const flow = dataflowOf(options);
  const given = options.order === undefined ? undefined : givenOrder(flow, options.order);
  if (given === undefined) firstOrder(flow);
  const effort = Effort.of(options);
  const { order, peak, lowerBound } = arrangeInPlace(flow, given, 0, options.seed ?? 1, effort);
  return { order: [...order], peak, lowerBound };
}
