/** What a program takes beside what it would take without derivatives and updates. It refuses to run anything. */

import { graph as freeze, type Graph, type Node } from "@adjoint/core";
import { type PlanOptions, plan } from "../passes/pipeline.js";
import type { Plan } from "../plan/plan.js";

/**
 * The program without derivatives and updates: the outputs that are no derivatives. Undefined where there are none, or
 * nothing would be left out.
 */
export function inferenceOf(program: Graph): Graph | undefined {
  const outputs = Object.entries<Node>(program.outputs);
  const kept = outputs.filter(([, { derivativeOrder }]) => derivativeOrder === 0);
  if (kept.length === 0 || (kept.length === outputs.length && program.updates.length === 0)) return undefined;
  return freeze({ outputs: Object.fromEntries(kept) });
}

/** Plans to be read side by side, as `memoryReport` prints them. @throws MemoryBudgetError like `plan`. */
export function footprint(program: Graph, options: PlanOptions): Readonly<Record<string, Plan>> {
  const inference = inferenceOf(program);
  if (inference === undefined) return { program: plan(program, options) };
  return { inference: plan(inference, options), training: plan(program, options) };
}
