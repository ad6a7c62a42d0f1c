/** The graph that the names in a plan are of. It refuses to plan. */

import type { Graph } from "@adjoint/core";
import { type Plan, reference, runPasses } from "@adjoint/scheduler";

/** A program after the rewrite rules, before anything is fused: steps of its plans say which of these nodes they evaluate. */
export function plannedGraph(program: Graph): Graph {
  const stage = runPasses(program, { target: reference().target, until: "separate" });
  return stage.kind === "graph" ? stage.graph : program;
}

/** The first node of a plan's steps that a program, as `plannedGraph` gives it, does not have: the plan is of another. */
export function foreignName(plan: Plan, planned: Graph): string | undefined {
  const names = new Set(planned.nodes.map((node) => planned.nameOf(node)));
  for (const { nodes } of plan.steps) {
    const foreign = nodes.find((name) => !names.has(name));
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}
