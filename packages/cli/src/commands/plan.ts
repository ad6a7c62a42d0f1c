/** `adjoint plan`: what running a graph takes, known before it runs. */

import { memoryReport, plan, planToJson } from "@adjoint/scheduler";
import type { Command } from "commander";
import { named } from "../errors.js";
import { readGraph } from "../files/input.js";
import { writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { type BackendName, backendOption, budgeted, budgetOption, targetOf } from "./backend.js";

interface Options {
  readonly backend: BackendName;
  readonly budget?: number;
  readonly output?: string;
  readonly json?: true;
}

export function declarePlan(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .addOption(backendOption())
    .addOption(budgetOption())
    .option("-o, --output <file>", "write the plan as JSON, to be run later")
    .option("--json", "print the plan as JSON")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(
  file: string,
  { backend, budget, output, json }: Options,
  terminal: Terminal,
): Promise<void> {
  const graph = await readGraph(file, terminal);
  const target = await targetOf(backend);
  const planned = named(file, () => plan(graph, { target, verify: true, ...budgeted(budget) }));
  const document = `${planToJson(planned)}\n`;
  if (output !== undefined) await writeOutput(output, document, terminal);
  if (output === "-") return;
  terminal.stdout.write(json ? document : memoryReport({ [planned.target]: planned }));
}
