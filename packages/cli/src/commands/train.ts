/** `adjoint train`: trains a graph on stored examples, and can be interrupted. */

import { type Graph, sameGraph } from "@adjoint/core";
import { type Checkpoint, type Folder, loadCheckpoint, resume } from "@adjoint/interchange/checkpoint";
import { nodeFolder } from "@adjoint/interchange/node";
import { type Backend, compile, type Session, type Tensor } from "@adjoint/scheduler";
import { type Command, Option } from "commander";
import { datasetOf } from "../data/dataset.js";
import { parameterFile } from "../data/parameters.js";
import { InputError, Interrupted, named, namedLater, UsageError } from "../errors.js";
import { readAs } from "../files/input.js";
import { writeOutput } from "../files/output.js";
import { progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { interruption } from "../training/interruption.js";
import { type OptimizerName, optimizers, withUpdates } from "../training/optimizers.js";
import { train } from "../training/train.js";
import { type BackendName, backendOf, backendOption, budgeted, budgetOption } from "./backend.js";
import { objectiveOf } from "./objective.js";
import { count, positive } from "./options.js";
import { giveFrom, readTensors } from "./run.js";

interface Options {
  readonly data: string;
  readonly epochs: number;
  readonly of?: string;
  readonly optimizer?: OptimizerName;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly parameters?: string;
  readonly checkpoint?: string;
  readonly resume?: true;
  readonly saveEvery?: number;
  readonly backend: BackendName;
  readonly budget?: number;
  readonly output?: string;
  readonly json?: true;
}

export function declareTrain(command: Command, terminal: Terminal): void {
  command
    .argument("<FILE>", "a graph: its updates train it, or those of --optimizer; - for standard input")
    .requiredOption(
      "--data <file>",
      "safetensors with a tensor for every input; its first extent counts the examples",
    )
    .requiredOption("--epochs <n>", "how often to go through the examples", count(1))
    .option("--of <output>", "the loss that is shown, and that --optimizer lowers")
    .addOption(
      new Option(
        "--optimizer <name>",
        "add the updates of this optimizer (adam, for a graph without updates)",
      ).choices(Object.keys(optimizers)),
    )
    .option("--learning-rate <x>", "of --optimizer; one that is usual for it unless given", positive)
    .option("--seed <n>", "decides the order of the examples (0)", count(0))
    .option("--parameters <file>", "safetensors with parameters to start from")
    .option("--checkpoint <dir>", "save here after every epoch, and when stopped")
    .option("--resume", "go on from the checkpoint, if there is one")
    .option("--save-every <n>", "also save after every n steps", count(1))
    .addOption(backendOption())
    .addOption(budgetOption())
    .option("-o, --output <file>", "write the trained parameters as safetensors")
    .option("--json", "print a line of JSON after every epoch")
    .action((file: string, options: Options) => run(file, options, terminal));
}

async function run(file: string, options: Options, terminal: Terminal): Promise<void> {
  checkUsage(options);
  const { graph } = await readAs(file, terminal, ["graph"]);
  const stored = await readTensors(options.data, terminal);
  const program = named(file, () => trainable(graph, options, terminal));
  const [loss] = named(file, () => lossOf(program, options.of));
  const folder = options.checkpoint === undefined ? undefined : nodeFolder(options.checkpoint);
  const checkpoint = await lastCheckpoint(folder, program, options);
  const seed = options.seed ?? Number(checkpoint?.notes["seed"] ?? 0);
  const session = await begin(program, checkpoint, await backendOf(options.backend), options.budget);
  try {
    if (options.parameters !== undefined && checkpoint === undefined)
      await giveFrom(options.parameters, session, await readTensors(options.parameters, terminal));
    const dataset = named(options.data, () => datasetOf(session.plan.inputs, stored, seed));
    const notes = { seed: String(seed), examples: String(dataset.examples) };
    checkNotes(checkpoint, notes, options);
    const start = checkpoint?.step ?? 0;
    const training = {
      graph: program,
      session,
      dataset,
      start,
      folder,
      notes,
      epochs: options.epochs,
      saveEvery: options.saveEvery,
    };
    await show(training, loss, options, terminal);
  } finally {
    await session.dispose();
  }
}

function checkUsage({ checkpoint, resume, saveEvery }: Options): void {
  if (checkpoint === undefined && resume) throw new UsageError("--resume needs --checkpoint DIR");
  if (checkpoint === undefined && saveEvery !== undefined)
    throw new UsageError("--save-every needs --checkpoint DIR");
}

/** The graph itself where it has updates, else the graph with those of an optimizer; says which, unless that was told. */
function trainable(graph: Graph, options: Options, terminal: Terminal): Graph {
  const { of, optimizer, learningRate } = options;
  if (optimizer === undefined && graph.updates.length > 0) {
    if (learningRate === undefined) return graph;
    throw new UsageError("--learning-rate is of an --optimizer; the graph has updates of its own");
  }
  const name = optimizer ?? "adam";
  const rate = learningRate ?? optimizers[name].learningRate;
  const program = withUpdates(graph, objectiveOf(graph, of)[1], name, rate);
  if (optimizer === undefined || learningRate === undefined)
    terminal.stderr.write(`training by ${name} with a learning rate of ${rate}\n`);
  return program;
}

/** The scalar that is shown. */
function lossOf(graph: Graph, of: string | undefined): readonly [name: string] {
  const scalars = Object.keys(graph.outputs).filter((name) => graph.outputs[name]?.shape.length === 0);
  const loss = of === undefined ? scalars[0] : scalars.find((name) => name === of);
  if (loss !== undefined) return [loss];
  throw new UsageError(
    of === undefined
      ? "the graph has no scalar output to show as a loss"
      : `--of ${of}: the scalar outputs are ${scalars.join(", ") || "none"}`,
  );
}

async function lastCheckpoint(
  folder: Folder | undefined,
  graph: Graph,
  { checkpoint: path = "", resume: goOn }: Options,
): Promise<Checkpoint | undefined> {
  if (folder === undefined) return undefined;
  const found = await namedLater(path, () => loadCheckpoint(folder));
  if (found === undefined) return undefined;
  if (goOn !== true)
    throw new InputError(
      path,
      `holds a checkpoint after ${found.step} steps: go on with --resume, or choose another folder`,
    );
  if (!sameGraph(found.graph, graph))
    throw new InputError(path, "holds a checkpoint of another graph, or of other options");
  return found;
}

/** A new session, or that of a checkpoint, whose plan stays as it is. */
function begin(
  graph: Graph,
  checkpoint: Checkpoint | undefined,
  backend: Backend,
  budget: number | undefined,
): Promise<Session> {
  return checkpoint === undefined
    ? compile(graph, { backend, ...budgeted(budget) })
    : resume(checkpoint, { backend });
}

/** The order of the examples must be the one that training began with. */
function checkNotes(
  checkpoint: Checkpoint | undefined,
  notes: Readonly<Record<string, string>>,
  { checkpoint: path = "" }: Options,
): void {
  for (const [name, value] of Object.entries(checkpoint === undefined ? {} : notes)) {
    const before = checkpoint?.notes[name];
    if (before !== undefined && before !== value)
      throw new InputError(path, `was begun with ${name} ${before}, not ${value}`);
  }
}

type Training = Parameters<typeof train>[0];

async function show(training: Training, loss: string, options: Options, terminal: Terminal): Promise<void> {
  const { epochs, dataset, start, session } = training;
  const { stepsPerEpoch: steps, batch } = dataset;
  const display = progress({ epochs, steps, batch, done: start, terminal: terminal.stderr });
  using request = interruption(() =>
    terminal.stderr.write("\nstopping after this step; press Ctrl-C again to stop at once\n"),
  );
  let losses: number[] = [];
  let done = start;
  try {
    done = await train(training, {
      stopping: () => request.status !== undefined,
      step: (outputs) => {
        const value = scalarOf(outputs[loss]);
        losses.push(value);
        display.step(value);
      },
      epoch: (epoch, step) => {
        display.epoch();
        const mean = losses.reduce((total, value) => total + value, 0) / losses.length;
        if (options.json) terminal.stdout.write(`${JSON.stringify({ epoch, step, [loss]: mean })}\n`);
        losses = [];
      },
    });
  } finally {
    display.close();
  }
  if (options.output !== undefined)
    await writeOutput(options.output, await parameterFile(session, session.plan.parameters), terminal);
  const saved = options.checkpoint === undefined ? "" : `; saved in ${options.checkpoint}`;
  const status = done < epochs * steps ? request.status : undefined;
  if (status !== undefined)
    throw new Interrupted(`stopped after step ${done} of ${epochs * steps}${saved}`, status);
  terminal.stderr.write(`done: ${done} steps${saved}\n`);
}

function scalarOf(tensor: Tensor | undefined): number {
  return tensor?.item() ?? Number.NaN;
}
