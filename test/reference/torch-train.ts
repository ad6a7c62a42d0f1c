/** The reference trainings of PyTorch, and the same trainings on a backend. */

import { readFileSync } from "node:fs";
import { graph, type Node, type Update } from "@adjoint/core";
import { readSafetensors } from "@adjoint/interchange/safetensors";
import {
  adagrad,
  adam,
  adamW,
  type Backend,
  clipByGlobalNorm,
  compile,
  gradient,
  type Pair,
  rmsProp,
  sgd,
} from "@adjoint/scheduler";
import { expect } from "vitest";
import { sharedJson, sharedPath } from "./shared.js";
import { declareModel, type Model, type ModelName, type Stored } from "./torch-models.js";

/** PyTorch's optimizers with the rates of the references. */
const optimizers: Readonly<Record<string, (pairs: readonly Pair[]) => readonly Update[]>> = {
  sgd: (pairs) => sgd(pairs, { learningRate: 0.1 }),
  sgd_momentum_nesterov_wd: (pairs) =>
    sgd(pairs, { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  adam: (pairs) => adam(pairs, { learningRate: 3e-3 }),
  adamw: (pairs) => adamW(pairs, { learningRate: 3e-3, weightDecay: 0.1 }),
  rmsprop: (pairs) => rmsProp(pairs, { learningRate: 1e-3, alpha: 0.99 }),
  adagrad: (pairs) => adagrad(pairs, { learningRate: 0.05 }),
  sgd_clip1: (pairs) => sgd(clipByGlobalNorm(pairs, 1), { learningRate: 0.5 }),
};

interface Training {
  readonly f64: { readonly losses: readonly number[] };
  readonly f32_vs_f64_final_rel_l2: number;
}

interface Result {
  readonly steps: number;
  readonly loss0: number;
  readonly optimisers: Readonly<Record<string, Training>>;
}

function isResult(json: unknown): json is Result {
  return typeof json === "object" && json !== null && "optimisers" in json && "steps" in json;
}

export function folderOf(model: ModelName): string | undefined {
  return sharedPath(`reference/torch-training/${model}`);
}

export function resultOf(model: ModelName): Result {
  const json = sharedJson(`reference/torch-training/${model}/result.json`);
  if (!isResult(json)) throw new Error(`the result of ${model} is not as expected`);
  return json;
}

export function read(model: ModelName, file: string): Readonly<Record<string, Stored>> {
  const bytes = readFileSync(`${folderOf(model) ?? ""}/${file}.safetensors`);
  return Object.fromEntries(readSafetensors(bytes).tensors);
}

export function stored(tensors: Readonly<Record<string, Stored>>, name: string): Stored {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`the reference has no tensor ${name}`);
  return tensor;
}

export function elements({ data }: Stored): number[] {
  return Array.from(data, Number);
}

export function nameOf(node: Node): string {
  return String(node.attributes["name"]);
}

function pairsOf({ loss, parameters }: Model): Pair[] {
  const slopes = gradient(loss, parameters);
  return parameters.flatMap((parameter, index): Pair[] => {
    const slope = slopes[index];
    return slope === undefined ? [] : [[parameter, slope]];
  });
}

export function batch(data: Readonly<Record<string, Stored>>, step: number): { x: Stored; y: Stored } {
  return { x: stored(data, `x${step}`), y: stored(data, `y${step}`) };
}

export function feeds({ x, y }: { x: Stored; y: Stored }): {
  x: { shape: readonly number[]; data: number[] };
  y: { shape: readonly number[]; data: number[] };
} {
  return { x: { shape: x.shape, data: elements(x) }, y: { shape: y.shape, data: elements(y) } };
}

/** Biases before batch normalization have gradient 0. */
export function isIdle(model: ModelName, parameter: string): boolean {
  return model === "lenet_bn" && (parameter === "c1.bias" || parameter === "c2.bias");
}

/** What is adaptive normalizes the rounding noise of a gradient that is 0: the bias, and the running mean that it shifts. */
function isNoise(model: ModelName, optimizer: string, parameter: string): boolean {
  return !optimizer.startsWith("sgd") && (isIdle(model, parameter) || parameter.endsWith("running_mean"));
}

/**
 * A multiple of PyTorch's own drift. Where that measures the noise that is left out here, less: rounding is still amplified by
 * RMSprop's first steps, ten rates long in the direction of gradients however small.
 */
function allowed(
  model: ModelName,
  optimizer: string,
  { f32_vs_f64_final_rel_l2: drift }: Training,
  factor: number,
): number {
  if (model !== "lenet_bn") return factor * drift;
  return Math.min(factor * drift, optimizer === "rmsprop" ? 5e-5 * factor : 1e-4);
}

/** The optimizers that PyTorch trained a network with. */
export function trainingsOf(model: ModelName): string[] {
  return Object.keys(optimizers).filter((name) => model === "gpt" || name !== "sgd_clip1");
}

/** Trains a network as PyTorch did: losses and final parameters within `factor` times PyTorch's own float32 drift. */
export async function expectTraining(
  model: ModelName,
  name: string,
  backend: Backend,
  factor: number,
): Promise<void> {
  const { steps, optimisers } = resultOf(model);
  const [optimize, training] = [optimizers[name], optimisers[name]];
  if (optimize === undefined || training === undefined) throw new Error(`no training with ${name}`);
  const data = read(model, "data");
  const declared = declareModel(model, read(model, "init"), batch(data, 0), "float32");
  const updates = [...optimize(pairsOf(declared)), ...declared.updates];
  const session = await compile(graph({ outputs: { loss: declared.loss }, updates }), { backend });
  const drift = allowed(model, name, training, factor);
  for (let step = 0; step < steps; step++) {
    const { loss } = await session.run(feeds(batch(data, step)));
    const wanted = training.f64.losses[step] ?? Number.NaN;
    expect(Math.abs(loss.item() - wanted) / wanted, `loss of step ${step}`).toBeLessThan(drift);
  }
  let [difference, size] = [0, 0];
  for (const [parameter, tensor] of Object.entries(read(model, `final_${name}`))) {
    if (isNoise(model, name, parameter)) continue;
    const { data: found } = await session.read(parameter);
    for (const [index, wanted] of elements(tensor).entries()) {
      difference += ((found[index] ?? Number.NaN) - wanted) ** 2;
      size += wanted ** 2;
    }
  }
  expect(Math.sqrt(difference / size)).toBeLessThan(drift);
  await session.dispose();
}
