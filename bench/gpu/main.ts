// The benchmark on WebGPU: every workload in Adjoint and in the peers on the same adapter, results compared first, steps
// interleaved; and what the device's own clock says of Adjoint's kernels. Prints Markdown, and JSON with --json FILE.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadAdjoint } from "../adjoint.js";
import { type Results, trueResults } from "../check.js";
import { measure } from "../measure.js";
import type { Workload } from "../workload.js";
import { adjointOn, jaxJs, type OnGpu, tfjs } from "./contenders.js";
import { openInstance } from "./instance.js";
import { sampled } from "./samples.js";
import { type GpuRow, heading, notesOf, rowLine } from "./table.js";
import { type Entry, entries } from "./workloads.js";

const usage = `main.js [--only matmul,layers,W1,W2,W3,W4 or names of rows] [--seconds N] [--largest N] [--peers none|jax-js,tfjs]
        [--peak-tflops N] [--peak-gbs N] [--json FILE]`;

const text = { type: "string" } as const;

async function truthOf(workload: Workload, { isStationary, samples }: Entry): Promise<Results> {
  if (samples !== undefined) {
    const values = samples.values(workload);
    return [values, values, values];
  }
  if (isStationary !== true) return trueResults(workload);
  const runner = await loadAdjoint(workload, "float64", {});
  await runner.step();
  const result = await runner.result();
  await runner.dispose();
  return [result, result, result];
}

/** Milliseconds of Adjoint's kernels by the device's clock; undefined where it has none or one too coarse. */
async function deviceTime(adjoint: OnGpu, workload: Workload): Promise<number | undefined> {
  const profile = await adjoint.profile(workload);
  return profile.clock === "device" && profile.milliseconds > 0 ? profile.milliseconds : undefined;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: text,
      seconds: text,
      largest: text,
      peers: text,
      json: text,
      "peak-tflops": text,
      "peak-gbs": text,
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const only = values.only?.split(",");
  const peers = [jaxJs, tfjs].filter(({ name }) => values.peers?.split(",").includes(name) ?? true);
  const { gpu, info } = await openInstance();
  console.log(`Adapter: ${[info.vendor, info.architecture, info.description].join(" ")}`);
  const adjoint = await adjointOn(gpu);
  const peak = {
    "GFLOP/s": 1000 * Number(values["peak-tflops"] ?? "NaN"),
    "GB/s": Number(values["peak-gbs"] ?? "NaN"),
  };
  const names = peers.map(({ name }) => name);
  const rows: GpuRow[] = [];
  console.log(heading(names));
  for (const entry of entries) {
    if (entry.isHalf === true && !info.features.includes("shader-f16")) continue;
    const workload = entry.make();
    if (only !== undefined && !only.includes(entry.family) && !only.includes(workload.name)) continue;
    const extent = Math.max(...Object.values(workload.weights).map(({ shape }) => shape[0] ?? 1));
    if (extent > Number(values.largest ?? "1e9")) continue;
    const everybody = [adjoint, ...(entry.isHalf === true ? [] : peers)];
    const { samples } = entry;
    const contenders =
      samples === undefined ? everybody : everybody.map((contender) => sampled(contender, samples));
    const truth = await truthOf(workload, entry);
    const outcomes = await measure(workload, contenders, Number(values.seconds ?? "1"), truth);
    const device = await deviceTime(adjoint, workload).catch(() => undefined);
    const row: GpuRow = {
      workload: workload.name,
      title: workload.title,
      outcomes,
      ...(workload.rate === undefined ? {} : { rate: workload.rate }),
      ...(device === undefined ? {} : { device }),
    };
    rows.push(row);
    console.log(rowLine(row, names, peak));
  }
  const settings = [adjoint, ...peers].map(({ name, settings: how }) => `* ${name}: ${how}`);
  console.log(["", ...rows.flatMap(notesOf), "", ...settings].join("\n"));
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ info, peak, rows }, null, 2)}\n`);
}

await main();
// Peers leave devices and timers behind that would keep the process alive.
process.exit(0);
