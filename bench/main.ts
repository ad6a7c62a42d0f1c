// The benchmark: every workload as an Adjoint program and in the peers, results compared first, steps interleaved. Prints
// Markdown, and writes out/bench.json in the root of the repository. See docs/performance.md.

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { adjoint } from "./adjoint.js";
import type { Alone } from "./alone.js";
import { deviation, firstResults, type Results, trueResults } from "./check.js";
import { engineOf, type Options, readOptions, UsageError, usage } from "./options.js";
import { jaxJs } from "./peers/jax-js.js";
import { tfjs } from "./peers/tfjs.js";
import { race } from "./race.js";
import { markdown, type Outcome, type Report, type Row } from "./report.js";
import type { Contender, Runner } from "./runner.js";
import type { Workload } from "./workload.js";
import { workloads } from "./workloads/all.js";

const peers: readonly Contender[] = [jaxJs, tfjs];

/** A contender whose results are right. */
interface Ready {
  readonly name: string;
  readonly runner: Runner;
  readonly ready: number;
  readonly deviation: number;
}

async function prepare(
  { name, load }: Contender,
  workload: Workload,
  truth: Results,
): Promise<Ready | string> {
  const start = performance.now();
  const runner = await load(workload);
  if (typeof runner === "string") return runner;
  let ready = 0;
  const results = await firstResults(runner, () => {
    ready = performance.now() - start;
  });
  const error = deviation(results, truth);
  if (error <= workload.tolerance) return { name, runner, ready, deviation: error };
  await runner.dispose();
  return `its results are wrong by ${error.toExponential(1)} of the largest`;
}

async function measure(
  workload: Workload,
  contenders: readonly Contender[],
  seconds: number,
): Promise<Row["outcomes"]> {
  const truth = await trueResults(workload);
  const outcomes: { [name: string]: Outcome } = {};
  const ready: Ready[] = [];
  for (const contender of contenders) {
    const prepared = await prepare(contender, workload, truth);
    if (typeof prepared === "string") outcomes[contender.name] = { reason: prepared };
    else ready.push(prepared);
  }
  const times = await race(
    ready.map(({ runner }) => runner),
    seconds,
  );
  for (const [position, { name, runner, ready: until, deviation: error }] of ready.entries()) {
    const own = times[position];
    if (own !== undefined) outcomes[name] = { times: own, ready: until, deviation: error };
    await runner.dispose();
  }
  return outcomes;
}

/** Adjoint in a process of its own. */
async function alone(position: number, { engine, threads }: Options): Promise<Alone> {
  const script = fileURLToPath(new URL("alone.js", import.meta.url));
  const flags = ["--expose-gc", "--max-semi-space-size=64"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    script,
    String(position),
    engine,
    ...(threads === undefined ? [] : [threads]),
  ]);
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
  const folder = new URL("../../out/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("bench.json", folder), `${JSON.stringify(report, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
