// The benchmark runs with the peers that come with the workspace, compares results before it times, and says who takes no part.
// It refuses to judge times.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { execute } from "../process/execute.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...args: readonly string[]): Promise<string> =>
  execute(process.execPath, ["bench/dist/main.js", "--json", join(folder, "bench.json"), ...args], root);

interface Row {
  readonly workload: string;
  readonly outcomes: Readonly<Record<string, { readonly times?: object; readonly reason?: string }>>;
  readonly again: { readonly outcomes: readonly string[] };
}

function rows(): readonly Row[] {
  const report: { readonly rows: readonly Row[] } = JSON.parse(
    readFileSync(join(folder, "bench.json"), "utf8"),
  );
  return report.rows;
}

test("races every peer of the workspace on the textbook network", async () => {
  const printed = await bench("--only", "W1", "--seconds", "0.01", "--engine", "fused", "--threads", "1");
  expect(rows().map(({ workload }) => workload)).toEqual(["W1 b1", "W1 b32", "W1 b256"]);
  for (const { workload, outcomes, again } of rows()) {
    expect(Object.keys(outcomes)).toEqual(["adjoint", "jax-js", "tfjs"]);
    for (const [name, outcome] of Object.entries(outcomes))
      expect(Object.keys(outcome), `${workload}, ${name}: ${JSON.stringify(outcome)}`).toContain("times");
    expect(again.outcomes.filter((outcome) => outcome.endsWith("found"))).toHaveLength(2);
    expect(printed).toMatch(new RegExp(`\\| ${workload} \\|.*\\*\\*`));
  }
  expect(printed).toContain("ONNX Runtime takes no part");
});

test("says why a peer is missing", async () => {
  const printed = await bench("--only", "W3", "--seconds", "0.01", "--peers", "tfjs");
  expect(printed).toMatch(/tfjs is not in W3: /);
});

test("refuses what it does not know, with what there is", async () => {
  await expect(bench("--only", "W9")).rejects.toThrow(/"W9" is unknown; there is W1/);
  await expect(bench("--seconds", "0")).rejects.toThrow(/"0" is no positive number/);
});
