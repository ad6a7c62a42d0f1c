// The programs of docs/memory.md type-check under the strictest settings and run exactly as written.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute } from "../process/execute.js";

const folder = mkdtempSync(join(tmpdir(), "adjoint-memory-"));
const repository = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(repository, "docs/memory.md"), "utf8");
const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""], index) => ({
  name: `block${index}`,
  block,
}));

beforeAll(() => {
  symlinkSync(join(repository, "test/node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const { name, block } of blocks) writeFileSync(join(folder, `${name}.ts`), block);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(repository, "tsconfig.base.json"),
      compilerOptions: { types: ["node"], noUnusedLocals: true, composite: false },
      files: blocks.map(({ name }) => `${name}.ts`),
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("type-check, and say what the page promises", async () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  await execute(process.execPath, [tsc, "-p", "."], folder);
  const outputs: string[] = [];
  for (const { name } of blocks) outputs.push(await execute(process.execPath, [`${name}.js`], folder));
  expect(outputs).toHaveLength(3);
  const [budget, reports, data] = outputs;
  expect(budget).toMatch(/^budget of the arena +2 MiB$/m);
  const [, arenaBytes] = /arenaBytes: (\d+)/.exec(budget ?? "") ?? [];
  expect(Number(arenaBytes)).toBeGreaterThan(0);
  expect(Number(arenaBytes)).toBeLessThanOrEqual(2 * 2 ** 20);
  const [smallest = 0, lowerBound = 0] = budget?.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  expect(smallest).toBeGreaterThan(64 * 2 ** 10);
  expect(lowerBound).toBeLessThanOrEqual(smallest);
  expect(reports).toMatch(/^ +inference +training$/m);
  expect(reports?.trim().split("\n").slice(-2)).toEqual(["7 true", "true true"]);
  expect(data).toBe("");
}, 60_000);
