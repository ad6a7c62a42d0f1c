// The benchmark: every workload as an Adjoint program and in the peers, results compared first, steps interleaved. Prints
// Markdown, and writes out/bench.json in the root of the repository. See docs/performance.md.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writeWhole } from "@adjoint/interchange/node";
import { adjoint } from "./adjoint.js";
import type { Again } from "./again.js";
import type { Alone } from "./alone.js";
import { measure } from "./measure.js";
import { engineOf, type Options, readOptions, UsageError, usage } from "./options.js";
import { jaxJs } from "./peers/jax-js.js";
import { onnxRuntimes } from "./peers/onnxruntime.js";
import { pythons } from "./peers/python.js";
import { tfjs } from "./peers/tfjs.js";
import { markdown, type Report, type Row } from "./report.js";
import type { Contender } from "./runner.js";
import { workloads } from "./workloads/all.js";

const peers: readonly Contender[] = [jaxJs, tfjs];

/** Adjoint in a process of its own. */
function alone(position: number, { engine, threads }: Options): Promise<Alone> {
  return inProcess(["--expose-gc", "--max-semi-space-size=64"], "alone.js", position, engine, threads);
}

/** Adjoint in a process after another that has kept what it compiled. */
async function again(position: number, { engine, threads }: Options): Promise<Again> {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-bench-"));
  try {
    await inProcess([], "again.js", position, folder, engine, threads);
    return await inProcess([], "again.js", position, folder, engine, threads);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a script of this folder prints as JSON. */
async function inProcess<T>(
  flags: readonly string[],
  script: string,
  ...args: readonly (string | number | undefined)[]
): Promise<T> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const given = args.filter((argument) => argument !== undefined).map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...given]);
  return JSON.parse(stdout);
}

async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    peers.map(({ name }) => name),
  );
  if (options.help) {
    console.log(usage);
    return;
  }
  const contenders = [
    adjoint(engineOf(options.engine, options.threads)),
    ...peers.filter(({ name }) => options.peers.includes(name)),
    ...(options.onnxruntime === undefined ? [] : onnxRuntimes(options.onnxruntime)),
    ...(options.python === undefined ? [] : pythons(options.python)),
  ];
  const load = loadavg()[0] ?? 0;
  const rows: Row[] = [];
  for (const [position, { family, make }] of workloads.entries()) {
    if (!options.only.includes(family)) continue;
    const workload = make();
    console.error(`${workload.name}: ${workload.title}`);
    rows.push({
      workload: workload.name,
      title: workload.title,
      ...(workload.rate === undefined ? {} : { rate: workload.rate }),
      outcomes: await measure(workload, contenders, options.seconds),
      alone: await alone(position, options),
      again: await again(position, options),
    });
  }
  const report: Report = {
    machine: {
      node: process.versions.node,
      processor: cpus()[0]?.model ?? "unknown processor",
      cores: cpus().length,
      load: [load, loadavg()[0] ?? 0],
    },
    settings: Object.fromEntries(contenders.map(({ name, settings }) => [name, settings])),
    secondsPerWorkload: options.seconds,
    rows,
  };
  console.log(markdown(report));
  if (options.onnxruntime === undefined) console.log("* ONNX Runtime takes no part: --onnxruntime FOLDER");
  if (options.python === undefined) console.log("* PyTorch and JAX take no part: --python PATH");
  const file = options.json ?? fileURLToPath(new URL("../../out/bench.json", import.meta.url));
  await writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
