// The table of op cases, bundled from its TypeScript so that a tool can read it. It refuses to run a case.

import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const test = new URL("../../test/", import.meta.url);
const require = createRequire(new URL("package.json", test));

/** @typedef {import("@adjoint/core").Node} Node */
/** @typedef {{ shape: readonly number[], dtype: import("@adjoint/core").DType | "float" }} OperandSpec */
/** @typedef {{ operands: readonly OperandSpec[], build: (...operands: Node[]) => Node | readonly Node[] }} Case */

/**
 * Cases by exported name.
 * @returns {Promise<Readonly<Record<string, readonly Case[]>>>}
 */
export async function readCases() {
  const outfile = fileURLToPath(new URL("node_modules/.cache/op-cases.mjs", test));
  await require("esbuild").build({
    entryPoints: [fileURLToPath(new URL("ops/cases/table.ts", test))],
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["@adjoint/*"],
    outfile,
    logLevel: "error",
  });
  const { table } = await import(`${pathToFileURL(outfile).href}?${Date.now()}`);
  return table;
}
