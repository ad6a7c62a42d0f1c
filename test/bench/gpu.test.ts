// The benchmark on WebGPU, packed for a machine that has nothing else and run from its folder: results are right before they are
// timed, peers too, and the table has its columns. It refuses to judge times.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { requestGpu } from "../backend-gpu/device.js";
import { execute } from "../process/execute.js";

const available = await requestGpu();
const reason =
  process.platform === "linux" ? typeof available === "string" && available : "what is packed is for Linux";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "packed-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly workload: string;
  readonly outcomes: Readonly<Record<string, { readonly times?: object; readonly reason?: string }>>;
}

test.skipIf(reason !== false)(
  `runs where there is nothing else${reason === false ? "" : `: ${reason}`}`,
  { timeout: 400_000 },
  async () => {
    await execute(process.execPath, ["bench/dist/gpu/pack.js", folder], root);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["bench.mjs", "dawn.node", "node", "run.sh"]));
    const json = join(folder, "rows.json");
    const options = [
      "--small",
      "--seconds",
      "0",
      "--only",
      "W5 64,layerNorm 256,W1 b1",
      "--limit",
      "300",
      "--json",
      json,
    ];
    const printed = await execute(
      join(folder, "run.sh"),
      [...options, "--peak-tflops", "1", "--peak-gbs", "10"],
      folder,
    );
    const { rows }: { readonly rows: readonly Row[] } = JSON.parse(readFileSync(json, "utf8"));
    expect(rows.map(({ workload }) => workload)).toEqual(["W5 64", "layerNorm 256", "W1 b1"]);
    for (const { workload, outcomes } of rows) {
      expect(Object.keys(outcomes)).toEqual(["adjoint", "jax-js", "tfjs"]);
      for (const [name, outcome] of Object.entries(outcomes))
        expect(Object.keys(outcome), `${workload}, ${name}: ${JSON.stringify(outcome)}`).toContain("times");
    }
    expect(printed).toMatch(/^Adapter: /);
    expect(printed).toMatch(/\| W5 64 \|.* GFLOP\/s \| .* % \|.*\*\*/);
    expect(printed).toMatch(/\| layerNorm 256 \|.* GB\/s \| .* % \|.*\*\*/);
  },
);
