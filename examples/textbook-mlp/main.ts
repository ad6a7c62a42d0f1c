// The main example: shows the forward and the adjoint graph of the textbook's network and what they cost in memory,
// trains it on digits, and writes the result.

import { join } from "node:path";
import process from "node:process";
import { cpu } from "@adjoint/backend-cpu";
import { progress } from "@adjoint/cli/progress";
import { graphToJson, printGraph } from "@adjoint/core";
import { writeSafetensors } from "@adjoint/interchange/safetensors";
import { compile, type ParameterStore, type Program } from "@adjoint/scheduler";
import { lastValueFrom, tap } from "rxjs";
import { batchCount, batches } from "./batches.js";
import { type DigitSets, type Digits, split } from "./dataset.js";
import { drawDigits } from "./digits.js";
import { DataError, OptionError } from "./errors.js";
import { writeWhole } from "./file.js";
import { readDigits } from "./folder.js";
import { declareModel, type Model } from "./model.js";
import { type Options, parseOptions, usage } from "./options.js";
import { accuracy, block, predictions } from "./predict.js";
import { memoryTable, simplified } from "./show.js";

/** Drawn when no data is given: as many as MNIST's test set, split alike. */
const drawn = { count: 10_000, train: 8_000 };

function digitsFor({ data, seed }: Options): DigitSets {
  return data === undefined ? split(drawDigits({ count: drawn.count, seed }), drawn.train) : readDigits(data);
}

function explain(model: Model, options: Options): void {
  print(`Forward propagation: the graph of the objective J
${printGraph(simplified(model.forward))}
Backpropagation: the graph of the gradients. Every line beyond those above was derived, none has run.
${printGraph(simplified(model.adjoint))}
Memory for a batch of ${options.batch}, known before the first step:
${memoryTable(model.predict(options.batch), model.train)}`);
}

async function testAccuracy(predict: Program<"x", "o">, test: Digits): Promise<number> {
  return accuracy(await predictions(predict, test.images), test);
}

async function train(
  session: { readonly train: Program<"x" | "y", "J">; readonly predict: Program<"x", "o"> },
  digits: DigitSets,
  steps: number,
  { batch, epochs, seed }: Options,
): Promise<void> {
  const display = progress({ epochs, steps, batch, terminal: process.stdout });
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const stream = session.train.stream(batches(digits.train, { batch, seed, epoch }));
      await lastValueFrom(stream.pipe(tap(({ outputs }) => display.step(outputs.J.item()))));
      display.epoch(`test accuracy ${percent(await testAccuracy(session.predict, digits.test))}`);
    }
  } finally {
    display.close();
  }
}

async function write(session: ParameterStore, model: Model, out: string): Promise<void> {
  const W1 = await session.read("W1");
  const W2 = await session.read("W2");
  if (!(W1.data instanceof Float32Array && W2.data instanceof Float32Array))
    throw new TypeError("weights are float32");
  const parameters = writeSafetensors({
    W1: { dtype: "float32", shape: W1.shape, data: W1.data },
    W2: { dtype: "float32", shape: W2.shape, data: W2.data },
  });
  writeWhole(join(out, "parameters.safetensors"), parameters);
  writeWhole(join(out, "graph.json"), `${JSON.stringify(graphToJson(model.train), undefined, 1)}\n`);
  writeWhole(join(out, "graph.txt"), printGraph(model.train));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return print(usage());
  const digits = digitsFor(options);
  const steps = batchCount(digits.train, options.batch);
  const model = declareModel(options);
  explain(model, options);
  const session = await compile(
    { train: model.train, predict: model.predict(block) },
    { backend: cpu({ wide: true }) },
  );
  const source = options.data === undefined ? "drawn" : `read from ${options.data}`;
  print(
    `Training on ${digits.train.labels.length} digits, testing on ${digits.test.labels.length} (${source}):`,
  );
  await train(session, digits, steps, options);
  const share = await testAccuracy(session.predict, digits.test);
  await write(session, model, options.out);
  await session.dispose();
  print(
    `\nTest accuracy ${percent(share)}. Wrote ${options.out}/parameters.safetensors, graph.json and graph.txt.`,
  );
}

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await main();
} catch (error) {
  if (!(error instanceof OptionError || error instanceof DataError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
