// Memory of whole training steps: what inference and training take, and what it costs to train in 75, 50 and 35 % of that.
// Every plan is replayed before it is printed. Run it as `node bench/dist/memory/models.js [name part]`.

import { cpu } from "@adjoint/backend-cpu";
import { type Graph, MemoryBudgetError } from "@adjoint/core";
import { formatBytes, inferenceOf, type Plan, plan, verifyPlan } from "@adjoint/scheduler";
import { programs } from "./programs.js";

const { target } = cpu();
const [part = ""] = process.argv.slice(2);

const columns = [
  "program",
  "kernels",
  "budget",
  "arena",
  "max-live",
  "kept",
  "overhead %",
  "at least %",
  "CPU ms",
];
console.log(`| ${columns.join(" | ")} |\n|---|${"--:|".repeat(columns.length - 1)}`);
for (const [name, declare] of Object.entries(programs)) {
  if (!name.toLowerCase().includes(part.toLowerCase())) continue;
  const program = declare();
  const inference = inferenceOf(program);
  if (inference !== undefined) row(`${name}: inference`, "", timed(inference));
  const free = timed(program);
  row(name, "", free);
  if (free.made instanceof MemoryBudgetError) continue;
  for (const share of [0.75, 0.5, 0.35]) {
    const budget = Math.floor(share * free.made.memory.arenaBytes);
    row(name, `${100 * share} %`, timed(program, budget));
  }
}

interface Timed {
  readonly made: Plan | MemoryBudgetError;
  readonly milliseconds: number;
}

function timed(program: Graph, memoryBudget?: number): Timed {
  const start = process.cpuUsage();
  const made = planned(program, memoryBudget);
  const { user, system } = process.cpuUsage(start);
  if (!(made instanceof MemoryBudgetError)) verifyPlan(made);
  return { made, milliseconds: Math.round((user + system) / 1000) };
}

function planned(program: Graph, memoryBudget: number | undefined): Plan | MemoryBudgetError {
  try {
    return plan(program, { target, memoryBudget });
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error;
    throw error;
  }
}

function row(name: string, budget: string, { made, milliseconds }: Timed): void {
  if (made instanceof MemoryBudgetError) {
    const why = made.budget < made.lowerBound ? "impossible" : "none found";
    print(
      name,
      "",
      budget,
      `${why}; least found ${formatBytes(made.smallest)}`,
      "",
      "",
      "",
      "",
      milliseconds,
    );
    return;
  }
  const { arenaBytes, maxLiveBytes, retainedBytes, flops, recomputedFlops, leastRecomputedFlops } =
    made.memory;
  const share = (work: number): string => ((100 * work) / Math.max(1, flops - recomputedFlops)).toFixed(2);
  const sizes = [arenaBytes, maxLiveBytes, retainedBytes].map(formatBytes);
  print(
    name,
    made.steps.length,
    budget,
    ...sizes,
    share(recomputedFlops),
    share(leastRecomputedFlops),
    milliseconds,
  );
}

function print(...cells: (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
