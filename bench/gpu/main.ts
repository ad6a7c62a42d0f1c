// The benchmark on WebGPU: every workload in Adjoint and in the peers on the same adapter, results compared first, steps
// interleaved; and what the device's own clock says of Adjoint's kernels. A row is measured in a process of its own, so that
// nobody's memory or timers outlive it; who makes no end of it within the limit is named and left out. Prints Markdown,
// and JSON with --json FILE. A software driver gets to the end with --small --seconds 0.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jaxJs, tfjs } from "./contenders.js";
import { type AdapterInfo, openInstance } from "./instance.js";
import { measureRow } from "./measure-row.js";
import { rowInProcess } from "./processes.js";
import { type GpuRow, heading, notesOf, rowLine } from "./table.js";
import { type Entry, entriesOf, full, small } from "./workloads.js";

const usage = `main.js [--only matmul,layers,W1,W2,W3,W4 or names of rows] [--seconds N] [--limit SECONDS OF A ROW] [--largest N] [--small]
        [--peers none|jax-js,tfjs] [--peak-tflops N] [--peak-gbs N] [--json FILE]`;

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    only: text,
    seconds: text,
    limit: text,
    largest: text,
    peers: text,
    json: text,
    row: text,
    "peak-tflops": text,
    "peak-gbs": text,
    small: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const sizes = values.small === true ? small : full;

function isWanted({ family, isHalf, make }: Entry, { features }: AdapterInfo): boolean {
  if (isHalf === true && !features.includes("shader-f16")) return false;
  const { name, weights } = make();
  const only = values.only?.split(",");
  if (only !== undefined && !only.includes(family) && !only.includes(name)) return false;
  const extent = Math.max(...Object.values(weights).map(({ shape }) => shape[0] ?? 1));
  return extent <= Number(values.largest ?? "1e9");
}

async function main(): Promise<void> {
  const { info } = await openInstance();
  console.log(`Adapter: ${[info.vendor, info.architecture, info.description].join(" ")}`);
  if (!info.features.includes("shader-f16"))
    console.log("It has no shader-f16: the rows in float16 are left out.");
  const peers = [jaxJs, tfjs].filter(({ name }) => values.peers?.split(",").includes(name) ?? true);
  const names = peers.map(({ name }) => name);
  const peak = {
    "GFLOP/s": 1000 * Number(values["peak-tflops"] ?? "NaN"),
    "GB/s": Number(values["peak-gbs"] ?? "NaN"),
  };
  const [seconds, limit] = [Number(values.seconds ?? "1"), Number(values.limit ?? "120")];
  const rows: GpuRow[] = [];
  console.log(heading(names));
  for (const entry of entriesOf(sizes)) {
    if (!isWanted(entry, info)) continue;
    const row = await rowInProcess(entry.make(), entry.isHalf === true ? [] : names, {
      seconds,
      limit,
      isSmall: sizes === small,
    });
    rows.push(row);
    console.log(rowLine(row, names, peak));
  }
  const settings = peers.map(({ name, settings: how }) => `* ${name}: ${how}`);
  console.log(["", ...rows.flatMap(notesOf), "", ...settings].join("\n"));
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ info, peak, rows }, null, 2)}\n`);
}

if (values.help === true) console.log(usage);
else if (values.row === undefined) await main();
else await measureRow(values.row, sizes, values.peers?.split(",") ?? [], Number(values.seconds ?? "1"));
// Peers leave devices and timers behind that would keep the process alive.
process.exit(0);
