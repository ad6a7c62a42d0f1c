/** `adjoint report`: a page about a graph: drawing, equations, memory, cost, and the textbook's exercises. */

import { report } from "@adjoint/interchange";
import { plan } from "@adjoint/scheduler";
import type { Command } from "commander";
import { named, namedLater, UsageError } from "../errors.js";
import { readGraph } from "../files/input.js";
import { writeJson, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { type BackendName, backendOption, budgeted, budgetOption, targetOf } from "./backend.js";
import { names } from "./options.js";

interface Options {
  readonly output?: string;
  readonly title?: string;
  readonly of?: string;
  readonly wrt?: readonly string[];
  readonly prediction?: string;
  readonly backend: BackendName;
  readonly budget?: number;
  readonly json?: true;
}

export function declareReport(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "the graph, or - for standard input")
    .option("-o, --output <file>", "the page; standard output unless given")
    .option("--title <text>", "the heading")
    .option("--of <output>", "the objective, where there are several scalar outputs")
    .option("--wrt <names>", "differentiate by these nodes; all weights unless given", names)
    .option("--prediction <node>", "what inference gives, where it cannot be told from the objective")
    .addOption(backendOption())
    .addOption(budgetOption())
    .option("--json", "print what was written as JSON; needs -o FILE")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const { output, title, of, wrt, prediction, json } = options;
  if (json && (output === undefined || output === "-"))
    throw new UsageError("--json needs -o FILE for the page");
  const graph = await readGraph(file, terminal);
  const target = await targetOf(options.backend);
  const planned = named(file, () => plan(graph, { target, ...budgeted(options.budget) }));
  const page = await namedLater(file, () =>
    report(graph, planned, {
      target,
      ...(title === undefined ? {} : { title }),
      ...(of === undefined ? {} : { of }),
      ...(wrt === undefined ? {} : { wrt }),
      ...(prediction === undefined ? {} : { prediction }),
    }),
  );
  await writeOutput(output, page, terminal);
  if (json)
    writeJson(terminal, {
      output,
      bytes: Buffer.byteLength(page),
      target: target.name,
      memory: planned.memory,
    });
}
