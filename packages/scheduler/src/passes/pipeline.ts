/** The pipeline, read from top to bottom, and its runner. */

import type { Graph } from "@adjoint/core";
import { VerificationError } from "@adjoint/core";
import { checkListeners, checkSeconds } from "../memory-input.js";
import { atOnce, type Pausing } from "../pausing.js";
import { parseBytes } from "../plan/bytes.js";
import type { Plan } from "../plan/plan.js";
import { absorb } from "./absorb.js";
import { allocate } from "./allocate.js";
import { bind } from "./bind.js";
import { decompose } from "./decompose.js";
import { fuse } from "./fuse.js";
import { order } from "./order.js";
import { rematerialize } from "./rematerialize.js";
import { separate } from "./separate.js";
import { simplify } from "./simplify.js";
import type { Pass, PassContext, Stage } from "./stage.js";
import { checkDTypes, checkSizes } from "./target.js";
import { verifyStage } from "./verify.js";

export const pipeline: readonly Pass[] = [
  // First, while adjoints are still as their rules wrote them: large ops simplify better than their parts.
  simplify,
  // Before fusion: what is defined by simpler ops must become kernels like everything else.
  decompose,
  // Again: definitions contain literals and movement of their own.
  simplify,
  // Before fusion, so that every output and update has a value to be stored.
  separate,
  // Before ordering: what is ordered are kernels, not ops.
  fuse,
  // Before ordering: what is not stored has no lifetime.
  absorb,
  // Before anything runs twice: the order that needs least without recomputation is what recomputation starts from.
  order,
  // After the order, because what is worth computing again depends on what is alive when.
  rematerialize,
  // After the order is known: a value is its position among what runs.
  bind,
  // Last: lifetimes need the final order.
  allocate,
];

export interface PlanTrace {
  readonly pass: string;
  readonly milliseconds: number;
  readonly stage: Stage;
}

export interface PlanOptions extends Omit<PassContext, "memoryBudget"> {
  /** What the arena may take at most: bytes, or a text like "64 MiB". */
  readonly memoryBudget?: number | string | undefined;
  /** Called after every pass. */
  readonly onPass?: (trace: PlanTrace) => void;
  /** Verify the program after every pass. */
  readonly verify?: boolean;
  /** Stop after the first pass of this name. */
  readonly until?: string;
}

/**
 * Runs the passes over a graph and returns the last stage.
 * @throws MemoryInputError for an option that is not what it must be, VerificationError when a pass breaks the program.
 */
export function runPasses(graph: Graph, options: PlanOptions): Stage {
  return continuePasses({ kind: "graph", graph }, pipeline, options);
}

/**
 * Runs some passes over a stage that those before them gave.
 * @throws MemoryInputError for an option that is not what it must be, VerificationError when a pass breaks the program.
 */
export function continuePasses(from: Stage, passes: readonly Pass[], options: PlanOptions): Stage {
  return atOnce(passing(from, passes, options));
}

/** The same, with a pause after every pass. */
function* passing(from: Stage, passes: readonly Pass[], options: PlanOptions): Pausing<Stage> {
  const context = contextOf(options);
  let stage = from;
  for (const pass of passes) {
    options.signal?.throwIfAborted();
    const start = performance.now();
    stage = pass.run(stage, context);
    options.onPass?.({ pass: pass.name, milliseconds: performance.now() - start, stage });
    if (options.verify === true) verifyStage(stage);
    if (pass.name === options.until) break;
    yield;
  }
  return stage;
}

/**
 * The plan of a graph for a target, within the memory budget.
 * @throws DTypeError for a node whose dtype the target lacks, MemoryError for a tensor larger than it allows,
 * MemoryBudgetError where none within the budget is found, MemoryInputError for an option that is not what it must be.
 */
export function plan(graph: Graph, options: PlanOptions): Plan {
  return atOnce(planning(graph, options));
}

/** The same, with a pause after every pass. */
export function* planning(graph: Graph, options: PlanOptions): Pausing<Plan> {
  checkDTypes(graph, options.target);
  const found = planOf(yield* passing({ kind: "graph", graph }, pipeline, options));
  checkSizes(found, options.target);
  return found;
}

function contextOf({ memoryBudget, ...options }: PlanOptions): PassContext {
  checkSeconds(options.planningTime, "planningTime");
  checkListeners(options);
  if (memoryBudget === undefined) return options;
  return { ...options, memoryBudget: parseBytes(memoryBudget, "memoryBudget") };
}

export function planOf(stage: Stage): Plan {
  if (stage.kind !== "plan") throw new VerificationError("The pipeline ended before a plan was made.");
  return stage.plan;
}
