/** `adjoint run`: one run of a program on stored tensors. */

import { formatType } from "@adjoint/core";
import type { StoredParameters } from "@adjoint/interchange/checkpoint";
import { type StoredTensor, writeSafetensors } from "@adjoint/interchange/safetensors";
import type { Session, Tensor } from "@adjoint/scheduler";
import type { Command } from "commander";
import { feedsFrom, type NamedType } from "../data/feeds.js";
import { giveParameters } from "../data/parameters.js";
import { named, namedLater, UsageError } from "../errors.js";
import { readAs } from "../files/input.js";
import { writeJson, writeOutput } from "../files/output.js";
import type { Terminal } from "../terminal.js";
import { type BackendName, backendOf, backendOption } from "./backend.js";
import { sessionOf } from "./session.js";

interface Options {
  readonly feeds?: string;
  readonly parameters?: string;
  readonly backend: BackendName;
  readonly output?: string;
  readonly json?: true;
}

export function declareRun(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "a graph, a plan or a checkpoint, or - for standard input")
    .option("--feeds <file>", "safetensors with a tensor for every input")
    .option("--parameters <file>", "safetensors with parameters, in place of the graph's initial values")
    .addOption(backendOption())
    .option("-o, --output <file>", "write the outputs as safetensors")
    .option("--json", "print the outputs as JSON")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  const { feeds, parameters, output, json } = options;
  const document = await readAs(file, terminal, ["graph", "plan", "checkpoint"]);
  const stored = feeds === undefined ? new Map<string, StoredTensor>() : await readTensors(feeds, terminal);
  const values = parameters === undefined ? undefined : await readTensors(parameters, terminal);
  const session = await sessionOf(document, await backendOf(options.backend));
  try {
    if (values !== undefined) await giveFrom(parameters ?? "", session, values);
    const { inputs } = session.plan;
    if (feeds === undefined && inputs.length > 0)
      throw new UsageError(`give the inputs ${inputs.map(shownInput).join(", ")} with --feeds`);
    const fed = named(feeds ?? file, () => feedsFrom(inputs, stored));
    const outputs = Object.entries<Tensor>(await session.run(fed));
    if (output !== undefined) await writeOutput(output, writeSafetensors(outputs), terminal);
    if (output === "-") return;
    if (json) writeJson(terminal, Object.fromEntries(outputs.map(([name, tensor]) => [name, plain(tensor)])));
    else if (output === undefined)
      for (const [name, tensor] of outputs) terminal.stdout.write(`${shown(name, tensor)}\n`);
  } finally {
    await session.dispose();
  }
}

export async function readTensors(file: string, terminal: Terminal): Promise<StoredParameters> {
  const document = await readAs(file, terminal, ["tensors", "checkpoint"]);
  return document.kind === "tensors" ? document.tensors.tensors : document.checkpoint.parameters;
}

export async function giveFrom(file: string, session: Session, stored: StoredParameters): Promise<void> {
  await namedLater(file, () => giveParameters(session, session.plan.parameters, stored));
}

function shownInput(input: NamedType): string {
  return `${input.name}: ${formatType(input)}`;
}

function plain({ dtype, shape, data }: Tensor): Readonly<Record<string, unknown>> {
  return {
    dtype,
    shape,
    data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))),
  };
}

const most = 8;

function shown(name: string, tensor: Tensor): string {
  const { data } = tensor;
  const values = Array.from(data.subarray(0, most), (value) => String(Number(value.toPrecision(7))));
  const list =
    data.length === 1 ? values.join("") : `[${values.join(", ")}${data.length > most ? ", …" : ""}]`;
  return `${name}: ${formatType(tensor)} = ${list}`;
}
