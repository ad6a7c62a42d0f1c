/** What plans cost, as a table for people: one column per plan, such as inference beside training. */

import { formatBytes } from "../plan/bytes.js";
import type { Plan, PlanMemory } from "../plan/plan.js";
import { storedValues, upperOf } from "./stored-values.js";

const rows: readonly (readonly [string, (memory: PlanMemory) => string])[] = [
  ["parameters", ({ parameterBytes }) => formatBytes(parameterBytes)],
  ["  of which optimizer state", ({ stateBytes }) => formatBytes(stateBytes)],
  ["inputs", ({ inputBytes }) => formatBytes(inputBytes)],
  ["constants", ({ constantBytes }) => formatBytes(constantBytes)],
  ["arena (all intermediate values)", ({ arenaBytes }) => formatBytes(arenaBytes)],
  ["  least possible for this order", ({ maxLiveBytes }) => formatBytes(maxLiveBytes)],
  ["  kept by forward for backward", ({ retainedBytes }) => formatBytes(retainedBytes)],
  ["  peak at step", ({ peakStep }) => String(peakStep)],
  ["scalar operations per run", ({ flops }) => counted(flops)],
  ["  of which recomputed", ({ recomputedFlops }) => counted(recomputedFlops)],
];

/** What only a budget gives a meaning to. */
const budgetRows: typeof rows = [
  ["budget of the arena", ({ budgetBytes }) => formatBytes(budgetBytes ?? 0)],
  ["  must be recomputed within it", ({ leastRecomputedFlops }) => counted(leastRecomputedFlops)],
  ["  recomputed beyond that", ({ recomputationGap }) => counted(recomputationGap)],
];

/** Values that a list names. */
const most = 40;

function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * A text table of a plan, or of several by name, then what each keeps for backward and what is alive at its peak. What must
 * be recomputed is told of plans that were given a budget.
 */
export function memoryReport(plans: Plan | Readonly<Record<string, Plan>>): string {
  const columns = Object.entries(isPlan(plans) ? { [plans.target]: plans } : plans);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(34)}${cells.map((cell) => ` ${cell}`.padStart(18)).join("")}`.trimEnd();
  const cells = (cell: (plan: Plan) => string): string[] => columns.map(([, plan]) => cell(plan));
  const limited = columns.some(([, { memory }]) => memory.budgetBytes !== null);
  return [
    line(
      "",
      columns.map(([name]) => name),
    ),
    ...rows.map(([name, cell]) =>
      line(
        name,
        cells(({ memory }) => cell(memory)),
      ),
    ),
    line(
      "kernels run / distinct",
      cells(({ steps, kernels }) => `${steps.length} / ${kernels.length}`),
    ),
    ...(limited ? budgetRows : []).map(([name, cell]) =>
      line(
        name,
        cells(({ memory }) => (memory.budgetBytes === null ? "none" : cell(memory))),
      ),
    ),
    ...columns.flatMap(([name, plan]) => details(name, plan)),
  ]
    .join("\n")
    .concat("\n");
}

function isPlan(plans: Plan | Readonly<Record<string, Plan>>): plans is Plan {
  return plans["format"] === "adjoint.plan";
}

function details(name: string, plan: Plan): string[] {
  const { retained, recomputed, peakStep } = plan.memory;
  const alive = storedValues(plan)
    .filter((value) => value.written <= peakStep && peakStep < upperOf(value))
    .map(({ name: node, buffer }) => ({ node, bytes: plan.buffers[buffer]?.bytes ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
  const list = (what: string, items: PlanMemory["retained"]): string[] =>
    items.length === 0 ? [] : ["", `${name}: ${what}`, ...shortened(items)];
  const peak = `alive at the peak, step ${peakStep} (${plan.steps[peakStep]?.nodes[0] ?? "end"})`;
  return [
    ...list("kept by forward for backward", retained),
    ...list("computed again instead of kept", recomputed),
    ...list(peak, alive),
  ];
}

/** The largest, and what the others take together; the plan lists all. */
function shortened(items: PlanMemory["retained"]): string[] {
  const largest = new Set([...items].sort((a, b) => b.bytes - a.bytes).slice(0, most));
  const rest = items.filter((item) => !largest.has(item));
  const bytes = rest.reduce((sum, item) => sum + item.bytes, 0);
  const lines = [...largest].map((item) => `  ${item.node}: ${formatBytes(item.bytes)}`);
  return rest.length === 0 ? lines : [...lines, `  and ${counted(rest.length)} more: ${formatBytes(bytes)}`];
}
