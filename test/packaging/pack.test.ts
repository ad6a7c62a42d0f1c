// Each package works from its packed tarball alone: installed with npm in an empty folder, the README's quick start
// type-checks and runs there, and bundles for a browser without anything of Node.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { release } from "@adjoint/core/kernel";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execute } from "../process/execute.js";
import { expectQuickstartOutput, quickstartProgram } from "../readme/quickstart.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const packages = readdirSync(join(repository, "packages")).sort();
const folder = mkdtempSync(join(tmpdir(), "adjoint-pack-"));
const app = join(folder, "app");

async function pack(name: string): Promise<string> {
  const { packageManager }: { packageManager: string } = JSON.parse(
    readFileSync(join(repository, "package.json"), "utf8"),
  );
  const pnpm = packageManager.split("+")[0] ?? "pnpm";
  const args = ["-y", pnpm, "pack", "--json", "--pack-destination", folder];
  const printed = await execute("npx", args, join(repository, "packages", name));
  const { filename }: { filename: string } = JSON.parse(printed);
  return filename;
}

beforeAll(async () => {
  const tarballs: string[] = [];
  for (const name of packages) tarballs.push(await pack(name));
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await execute("npm", ["install", "--no-audit", "--no-fund", "--prefix", ".", ...tarballs], app);
  writeFileSync(join(app, "quickstart.ts"), quickstartProgram());
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages)("the tarball of %s", (name) => {
  const installed = (path: string): string => join(app, "node_modules/@adjoint", name, path);

  test("holds what was built, its sources for the source maps, and the license", () => {
    const files = ["LICENSE", "dist/index.js", "dist/index.js.map", "dist/index.d.ts", "src/index.ts"];
    expect(files.map((path) => readFileSync(installed(path)).length > 0)).toEqual(files.map(() => true));
  });

  test("names the versions it depends on", () => {
    expect(readFileSync(installed("package.json"), "utf8")).not.toMatch(/workspace:|catalog:/);
  });

  test("is of the release that caches are kept by", () => {
    const { version }: { version: string } = JSON.parse(readFileSync(installed("package.json"), "utf8"));
    expect(release).toBe(version);
  });
});

test("the quick start type-checks and runs where only the tarballs are installed", async () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const flags = [
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--lib",
    "es2022,dom",
    "--types",
    "",
  ];
  await execute(process.execPath, [tsc, ...flags, "quickstart.ts"], app);
  expectQuickstartOutput(await execute(process.execPath, ["quickstart.js"], app));
});

test("the quick start bundles for a browser with nothing of Node, and the bundle runs", async () => {
  const outfile = join(folder, "bundle.mjs");
  const { metafile } = await build({
    entryPoints: [join(app, "quickstart.ts")],
    absWorkingDir: app,
    outfile,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    logLevel: "silent",
  });
  const left = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(left).toEqual([]);
  expect(readFileSync(outfile, "utf8")).not.toMatch(/\b(from|import)\s*\(?["'`]node:/);
  expectQuickstartOutput(await execute(process.execPath, [outfile], folder));
});
