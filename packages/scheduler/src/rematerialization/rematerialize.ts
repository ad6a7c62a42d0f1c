/** Schedules that fit a memory budget by running operations again, over plain data. It refuses to know tensors or graphs. */

import { MemoryBudgetError } from "@adjoint/core";
import { Effort, type EffortOptions } from "../dataflow/effort.js";
import { type DataflowInput, type DataflowOperation, dataflowOf, refuse } from "../dataflow/input.js";
import { firstOrder, givenOrder } from "../dataflow/topological.js";
import { checkAmount, checkListeners, checkRecord, checkSeed, shown } from "../memory-input.js";
import { fit } from "./fit.js";
import { peakWitness, type ScheduleStep, scheduleOf } from "./schedule.js";

export interface RematerializationOperation extends DataflowOperation {
  /** Cost of running it once, in any unit: a finite number >= 0. */
  readonly cost: number;
}

export interface RematerializationOptions extends DataflowInput, EffortOptions {
  readonly operations: readonly RematerializationOperation[];
  /** A legal order to start from; where it fits the budget it is the answer. */
  readonly order?: readonly number[] | undefined;
  /** What may be live at once at most, in the unit of the sizes. */
  readonly budget: number;
  /** Local search is random; the same seed gives the same answer. 1 by default. */
  readonly seed?: number | undefined;
}

export interface RematerializationResult {
  /** What is run and freed, in order; legal by `replaySchedule`. */
  readonly schedule: ScheduleStep[];
  /** Largest sum of live bytes over time; at most the budget. */
  readonly peak: number;
  /** Sum of the costs of everything that is run. */
  readonly cost: number;
  /** cost / cost of running every operation once - 1. */
  readonly overhead: number;
  /** No schedule within the budget costs less; equal to `cost` when the schedule is proved optimal. */
  readonly lowerBound: number;
}

/**
 * The cheapest schedule within a memory budget: an order that fits without recomputation where one is found, else some
 * operations run more than once. Deterministic, synchronous. Throws MemoryBudgetError with the smallest feasible size
 * found and a witness where none is found, MemoryInputError for input that is not what it must be, and the signal's
 * reason.
 */
export function rematerialize(options: RematerializationOptions): RematerializationResult {
  const { budget, seed = 1 } = checkRecord(options);
  checkListeners(options);
  checkAmount(budget, "budget");
  checkSeed(seed);
  const flow = dataflowOf(options);
  const costs = costsOf(options.operations);
  const given = options.order === undefined ? undefined : givenOrder(flow, options.order);
  firstOrder(flow);
  const { cheapest, smallest, lowerBound, leastPeak } = fit(
    { flow, costs, budget, given, seed },
    Effort.of(options, flow),
  );
  if (cheapest === undefined) {
    throw new MemoryBudgetError(budget, smallest.peak, leastPeak, peakWitness(flow, smallest.items));
  }
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  return {
    schedule: scheduleOf(flow, cheapest.items, options.values.length),
    peak: cheapest.peak,
    cost: cheapest.cost,
    overhead: total > 0 ? cheapest.cost / total - 1 : 0,
    lowerBound,
  };
}

function costsOf(operations: readonly RematerializationOperation[]): Float64Array {
  return Float64Array.from(operations, ({ cost }, item) => {
    if (!(Number.isFinite(cost) && cost >= 0)) {
      refuse("operations", item, "cost", `is ${shown(cost)}; give a finite number of at least 0`);
    }
    return cost;
  });
}
