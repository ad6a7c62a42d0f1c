// Adjoint in a process whose folder of compiled programs may hold the workload: how long it takes until the first step is done.
// Prints JSON, milliseconds and what the cache reported, for the process that started it.

import { type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { nodeFolder } from "@adjoint/interchange/node";
import { compile } from "@adjoint/scheduler";
import { runnerOf } from "./adjoint.js";
import { engineOf } from "./options.js";
import { workloads } from "./workloads/all.js";

export interface Again {
  readonly milliseconds: number;
  readonly outcomes: readonly string[];
}

async function measure(position: number, folder: string, options: CpuOptions): Promise<Again> {
  const workload = workloads[position]?.make();
  if (workload === undefined) throw new RangeError(`There is no workload ${position}.`);
  const outcomes: string[] = [];
  const start = performance.now();
  const backend = cpu(options);
  const session = await compile(workload.declare("float32"), {
    backend,
    cache: nodeFolder(folder),
    onEvent: (event) => {
      if (event.type === "cache") outcomes.push(`${event.what} ${event.outcome}`);
    },
  });
  await runnerOf(workload, session).step();
  return { milliseconds: performance.now() - start, outcomes };
}

const [position = "0", folder = ".", engine = "wide", threads] = process.argv.slice(2);
console.log(JSON.stringify(await measure(Number(position), folder, engineOf(engine, threads))));
