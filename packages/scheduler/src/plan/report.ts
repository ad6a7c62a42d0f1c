/** What plans cost, as a table for people: one column per plan, such as inference beside training. */

import { formatBytes } from "./bytes.js";
import type { Plan, PlanMemory } from "./plan.js";

const rows: readonly (readonly [string, (memory: PlanMemory) => string])[] = [
  ["parameters", ({ parameterBytes }) => formatBytes(parameterBytes)],
  ["  of which optimizer state", ({ stateBytes }) => formatBytes(stateBytes)],
  ["inputs", ({ inputBytes }) => formatBytes(inputBytes)],
  ["constants", ({ constantBytes }) => formatBytes(constantBytes)],
  ["arena (all intermediate values)", ({ arenaBytes }) => formatBytes(arenaBytes)],
  ["  least possible for this order", ({ maxLiveBytes }) => formatBytes(maxLiveBytes)],
  ["  kept by forward for backward", ({ retainedBytes }) => formatBytes(retainedBytes)],
  ["  peak at step", ({ peakStep }) => String(peakStep)],
  ["  allowed", ({ budgetBytes }) => (budgetBytes === null ? "any" : formatBytes(budgetBytes))],
  ["scalar operations per run", ({ flops }) => counted(flops)],
  ["  of which recomputed", ({ recomputedFlops }) => counted(recomputedFlops)],
  ["  least any plan must recompute", ({ leastRecomputedFlops }) => counted(leastRecomputedFlops)],
  ["  gap between the two", ({ recomputationGap }) => counted(recomputationGap)],
];

function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** A text table of the plans by name, then what each keeps for backward and what is alive at its peak. */
export function memoryReport(plans: Readonly<Record<string, Plan>>): string {
  const columns = Object.entries(plans);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(34)}${cells.map((cell) => cell.padStart(18)).join("")}`;
  const table = rows.map(([name, cell]) =>
    line(
      name,
      columns.map(([, { memory }]) => cell(memory)),
    ),
  );
  const kernels = line(
    "kernels run / distinct",
    columns.map(([, plan]) => `${plan.steps.length} / ${plan.kernels.length}`),
  );
  const header = line(
    "",
    columns.map(([name]) => name),
  );
  return [header, ...table, kernels, ...columns.flatMap(([name, plan]) => details(name, plan))]
    .join("\n")
    .concat("\n");
}

function details(name: string, plan: Plan): string[] {
  const { retained, recomputed, peakStep } = plan.memory;
  const alive = plan.buffers
    .filter(({ space, lower, upper }) => space === "arena" && lower <= peakStep && peakStep < upper)
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ nodes, bytes }) => ({ node: nodes.join(", "), bytes }));
  const list = (what: string, items: PlanMemory["retained"]): string[] =>
    items.length === 0
      ? []
      : ["", `${name}: ${what}`, ...items.map(({ node, bytes }) => `  ${node}: ${formatBytes(bytes)}`)];
  const peak = `alive at the peak, step ${peakStep} (${plan.steps[peakStep]?.nodes[0] ?? "end"})`;
  return [
    ...list("kept by forward for backward", retained),
    ...list("computed again instead of kept", recomputed),
    ...list(peak, alive),
  ];
}
