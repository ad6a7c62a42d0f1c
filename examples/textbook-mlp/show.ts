// What the example prints of graphs and plans. It computes nothing itself.

import { cpu } from "@adjoint/backend-cpu";
import type { Graph } from "@adjoint/core";
import { memoryReport, plan, runPasses } from "@adjoint/scheduler";

const { target } = cpu();

/** The graph after the rewrite rules, as a reader wants to see it. */
export function simplified(graph: Graph): Graph {
  const stage = runPasses(graph, { target, until: "simplify" });
  return stage.kind === "graph" ? stage.graph : graph;
}

/** What inference and training cost, side by side. */
export function memoryTable(inference: Graph, training: Graph): string {
  return memoryReport({ inference: plan(inference, { target }), training: plan(training, { target }) });
}
