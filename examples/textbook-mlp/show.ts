// What the example prints of graphs and plans. It computes nothing but layout.

import { cpu } from "@adjoint/backend-cpu";
import type { Graph } from "@adjoint/core";
import { type PlanMemory, plan, runPasses } from "@adjoint/scheduler";

const { target } = cpu();

/** The graph after the rewrite rules, as a reader wants to see it. */
export function simplified(graph: Graph): Graph {
  const stage = runPasses(graph, { target, until: "simplify" });
  return stage.kind === "graph" ? stage.graph : graph;
}

const rows: readonly (readonly [string, (memory: PlanMemory) => number])[] = [
  ["parameters", (memory) => memory.parameterBytes],
  ["inputs", (memory) => memory.inputBytes],
  ["arena (all intermediate values)", (memory) => memory.arenaBytes],
  ["  least possible for this order", (memory) => memory.maxLiveBytes],
  ["  kept by forward for backward", (memory) => memory.retainedBytes],
];

/** The bytes of inference and of training side by side. */
export function memoryTable(inference: Graph, training: Graph): string {
  const plans = [inference, training].map((graph) => plan(graph, { target }));
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(14)).join("")}`;
  const lines = rows.map(([name, figure]) =>
    line(
      name,
      plans.map(({ memory }) => figure(memory).toLocaleString("en-US")),
    ),
  );
  const kernels = plans.map(({ steps }) => String(steps.length));
  const header = line("bytes", ["inference", "training"]);
  const retained = plans[1]?.memory.retained.map(
    ({ node, bytes }) => `${node} (${bytes.toLocaleString("en-US")})`,
  );
  return [
    header,
    ...lines,
    line("kernels per step", kernels),
    `  kept values: ${retained?.join(", ") ?? "none"}`,
    "",
  ].join("\n");
}
