// The program of the README's quick start type-checks under the strictest settings and runs exactly as written.

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, test } from "vitest";
import { execute } from "../process/execute.js";
import { expectQuickstartOutput, quickstartProgram } from "./quickstart.js";

const folder = mkdtempSync(join(tmpdir(), "adjoint-readme-"));
const repository = fileURLToPath(new URL("../..", import.meta.url));

beforeAll(() => {
  symlinkSync(join(repository, "test/node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "quickstart.ts"), quickstartProgram());
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(repository, "tsconfig.base.json"),
      compilerOptions: {
        types: ["node"],
        noUnusedLocals: true,
        noPropertyAccessFromIndexSignature: true,
        composite: false,
      },
      files: ["quickstart.ts"],
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("type-checks under the strictest settings and runs as written", async () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  await execute(process.execPath, [tsc, "-p", "."], folder);
  expectQuickstartOutput(await execute(process.execPath, ["quickstart.js"], folder));
});
