// Runs the checks that are not tests, all of them even when one fails, and prints a line `check NAME: passed`
// or `check NAME: failed` for each. It refuses to change a file.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = "node_modules/typescript/bin/tsc";
const biome = "node_modules/@biomejs/biome/bin/biome";
const biomeFlags = [
  "--reporter=concise",
  "--max-diagnostics=none",
  ...(process.stdout.isTTY ? [] : ["--colors=off"]),
];

/**
 * Types come first: the documents are generated from what that check builds.
 * @type {readonly (readonly [name: string, ...args: string[]])[]}
 */
const checks = [
  ["types", tsc, "-b"],
  ["lint", biome, "lint", "--error-on-warnings", ...biomeFlags],
  ["format", biome, "check", "--linter-enabled=false", ...biomeFlags],
  ["docs", "tools/docs.mjs", "--check"],
];

const results = checks.map(([name, ...args]) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
  return `check ${name}: ${status === 0 ? "passed" : "failed"}`;
});
console.log(results.join("\n"));
