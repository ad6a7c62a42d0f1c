// Orders of least peak, then recomputation within shares of that peak: the node-link files of a folder, and generated
// training graphs. Prints one table, with the proven bounds. Every schedule is replayed before it is printed.
// Run it as `node bench/dist/memory/schedules.js [folder] [seconds]`; the folder is ../shared/data/rematerialization by default.

import { fileURLToPath } from "node:url";
import { MemoryBudgetError } from "@adjoint/core";
import { orderOperations, rematerialize, replaySchedule } from "@adjoint/scheduler";
import { type Dataflow, dataflowsOf, residualTraining } from "./instances.js";

const [given, seconds] = process.argv.slice(2);
const timeLimit = seconds === undefined ? undefined : Number(seconds);
const folder = given ?? fileURLToPath(new URL("../../../../shared/data/rematerialization", import.meta.url));
const files = dataflowsOf(folder);
if (files.length === 0) console.error(`No instances in ${folder}: only generated ones.`);

const columns = ["instance", "budget", "of peak", "peak", "overhead %", "at least %", "CPU ms"] as const;
console.log(
  `| ${columns.join(" | ")} |\n|${columns.map((name) => (name === "instance" ? "---" : "--:")).join("|")}|`,
);
for (const dataflow of [...files, ...[70, 1_400, 14_000].map(residualTraining)]) report(dataflow);

function report(dataflow: Dataflow): void {
  const print = (...cells: (string | number)[]): void => {
    console.log(`| ${[dataflow.name, ...cells].join(" | ")} |`);
  };
  const order = timed(() => orderOperations({ ...dataflow, timeLimit }));
  const { peak, lowerBound } = order.result;
  print("none", "", peak, "0", peak === lowerBound ? "least peak" : `peak ${lowerBound}`, order.milliseconds);
  const once = dataflow.operations.reduce((sum, { cost }) => sum + cost, 0);
  for (const share of [0.95, 0.9, 0.8, 0.7, 0.5]) {
    const budget = Math.floor(share * peak);
    const planned = timed(() => within(dataflow, budget));
    const { result } = planned;
    if (result instanceof MemoryBudgetError) {
      const why = budget < result.lowerBound ? "impossible" : "none found";
      print(budget, share, `${why}, least found ${result.smallest}`, "", "", planned.milliseconds);
      continue;
    }
    const replayed = replaySchedule({ ...dataflow, schedule: result.schedule });
    if (replayed.peak !== result.peak || replayed.peak > budget)
      throw new Error(`${dataflow.name}: wrong peak`);
    const percent = (cost: number): string => (100 * (cost / once - 1)).toFixed(3);
    print(
      budget,
      share,
      result.peak,
      percent(replayed.cost),
      percent(result.lowerBound),
      planned.milliseconds,
    );
  }
}

function within(dataflow: Dataflow, budget: number): ReturnType<typeof rematerialize> | MemoryBudgetError {
  try {
    return rematerialize({ ...dataflow, budget, timeLimit });
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error;
    throw error;
  }
}

/** CPU time, which other programs on the machine change least. */
function timed<R>(run: () => R): { readonly result: R; readonly milliseconds: string } {
  const start = process.cpuUsage().user;
  const result = run();
  return { result, milliseconds: ((process.cpuUsage().user - start) / 1000).toFixed(0) };
}
