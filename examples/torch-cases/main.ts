// Compares Adjoint with PyTorch: `main.js FILE [--interpreter | --emulator]` runs every case of a file in float64 and
// prints one JSON summary; exit status 1 if any is wrong, 2 if the file cannot be used.

import { resolve } from "node:path";
import process from "node:process";
import { cpu } from "@adjoint/backend-cpu";
import { reference } from "@adjoint/scheduler";
import { DataError } from "../textbook-mlp/errors.js";
import { readCases } from "./format.js";
import { interpreted, planned, type Runner, summarize } from "./run.js";

const runners: Readonly<Record<string, () => Runner>> = {
  "--cpu": () => planned(cpu({ wide: true })),
  "--emulator": () => planned(reference()),
  "--interpreter": () => interpreted,
};

async function main(argv: readonly string[]): Promise<void> {
  const [file, option = "--cpu", ...rest] = argv;
  const runner = Object.hasOwn(runners, option) ? runners[option] : undefined;
  if (file === undefined || runner === undefined || rest.length > 0) {
    process.stderr.write(`Usage: check:torch FILE [${Object.keys(runners).join(" | ")}]\n`);
    process.exitCode = 2;
    return;
  }
  // npm starts scripts in the root of the repository, wherever it was called.
  const path = resolve(process.env["INIT_CWD"] ?? ".", file);
  const summary = await summarize(readCases(path), runner());
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (summary.wrong > 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof DataError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
