// Adjoint by itself in a fresh process: how long it takes until the first step is done, how much memory it holds, and what
// a step leaves to the garbage collector. Prints JSON for the process that started it; needs `--expose-gc`.

import { type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { compile, type SessionEvent } from "@adjoint/scheduler";
import { runnerOf } from "./adjoint.js";
import { engineOf } from "./options.js";
import { workloads } from "./workloads/all.js";

/** Milliseconds, bytes, and counts. */
export interface Alone {
  readonly declare: number;
  readonly plan: number;
  readonly load: number;
  readonly first: number;
  readonly kernels: number;
  readonly launches: number;
  /** Of the arena, and of parameters, inputs, constants and arena together. */
  readonly arena: number;
  readonly device: number;
  /** The largest resident set of the process, and the resident set before the workload was declared. */
  readonly peak: number;
  readonly before: number;
  /** What a step allocates: on the heap, and as array buffers. */
  readonly heapPerStep: number;
  readonly buffersPerStep: number;
}

const steps = 50;

async function measure(position: number, options: CpuOptions): Promise<Alone> {
  const workload = workloads[position]?.make();
  if (workload === undefined) throw new RangeError(`There is no workload ${position}.`);
  const before = process.memoryUsage.rss();
  const clock = stopwatch();
  const graph = workload.declare("float32");
  const declared = clock();
  let planning = 0;
  const onEvent = ({ type }: SessionEvent): void => {
    if (type === "planned") planning = clock();
  };
  const session = await compile(graph, { backend: cpu(options), onEvent });
  const loading = clock();
  const runner = runnerOf(workload, session);
  await runner.step();
  const first = clock();
  const allocated = await allocation(runner.step);
  const { kernels, steps: launches, memory } = session.plan;
  return {
    declare: declared,
    plan: planning,
    load: loading,
    first,
    kernels: kernels.length,
    launches: launches.length,
    arena: memory.arenaBytes,
    device: memory.parameterBytes + memory.inputBytes + memory.constantBytes + memory.arenaBytes,
    peak: 1024 * process.resourceUsage().maxRSS,
    before,
    ...allocated,
  };
}

/** Milliseconds since it was last asked. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const passed = now - last;
    last = now;
    return passed;
  };
}

/** Bytes that a step allocates; the young generation is large enough that nothing is collected meanwhile. */
async function allocation(
  step: () => void | Promise<void>,
): Promise<{ heapPerStep: number; buffersPerStep: number }> {
  for (let i = 0; i < 5; i++) await step();
  // Twice, because buffers are freed a while after they are found unused.
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const start = process.memoryUsage();
  for (let i = 0; i < steps; i++) await step();
  const end = process.memoryUsage();
  return {
    heapPerStep: (end.heapUsed - start.heapUsed) / steps,
    buffersPerStep: (end.arrayBuffers - start.arrayBuffers) / steps,
  };
}

const [position = "0", engine = "wide", threads] = process.argv.slice(2);
console.log(JSON.stringify(await measure(Number(position), engineOf(engine, threads))));
