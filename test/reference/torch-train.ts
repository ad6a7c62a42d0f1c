/** The reference trainings of PyTorch, and the same trainings on a backend. */

import { readFileSync } from "node:fs";
import type { Node } from "@adjoint/core";
import { readSafetensors } from "@adjoint/interchange/safetensors";
import type { Backend } from "@adjoint/scheduler";
import { sharedJson, sharedPath } from "./shared.js";
import type { ModelName, Stored } from "./torch-models.js";
import { expectReference, optimizers, type Reference } from "./training.js";

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

/** Of the largest element of a gradient: what sums in float32 leave of another one. */
const rounding = 1e-5;

/**
 * Elements whose first gradient is lost in the rounding of its sum. What is adaptive divides by its size, so that the first
 * step goes all the way in whatever direction the noise has: RMSprop's by ten times its rate.
 */
function noiseOf(gradient: readonly number[], optimizer: string): number[] {
  if (optimizer.startsWith("sgd")) return [];
  const largest = gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  return gradient.flatMap((slope, index) =>
    slope !== 0 && Math.abs(slope) < rounding * largest ? [index] : [],
  );
}

/**
 * A multiple of PyTorch's own drift; of lenet_bn 1e-4 where that is the noise that is left out here. RMSprop's first steps are ten
 * times its rate, and by step 3 rounding decides which of two nearly equal elements a window of the max-pooling takes: there it
 * is what PyTorch drifts itself.
 */
function allowed(
  model: ModelName,
  optimizer: string,
  { f32_vs_f64_final_rel_l2: drift }: Training,
  factor: number,
): number {
  if (model !== "lenet_bn") return factor * drift;
  return optimizer === "rmsprop" ? drift : Math.min(factor * drift, 1e-4);
}

/** The optimizers that PyTorch trained a network with. */
export function trainingsOf(model: ModelName): string[] {
  return Object.keys(optimizers).filter((name) => model === "gpt" || name !== "sgd_clip1");
}

/** What a training starts from and should come to, as plain data. */
export function referenceOf(model: ModelName, optimizer: string, factor: number): Reference {
  const { steps, optimisers } = resultOf(model);
  const training = optimisers[optimizer];
  if (training === undefined) throw new Error(`no training with ${optimizer}`);
  const data = read(model, "data");
  const step0 = read(model, "step0");
  const final = Object.entries(read(model, `final_${optimizer}`))
    .filter(([parameter]) => !isNoise(model, optimizer, parameter))
    .map(([parameter, { shape, data: values }]) => {
      const gradient = step0[`grad.${parameter}`];
      const noise = gradient === undefined ? [] : noiseOf(elements(gradient), optimizer);
      return [parameter, { shape, data: Array.from(values, Number), noise }] as const;
    });
  const noisy = final.reduce((count, [, { noise }]) => count + noise.length, 0);
  if (noisy > 100) throw new Error(`${noisy} elements of ${model} are taken for noise`);
  return {
    model,
    optimizer,
    allowed: allowed(model, optimizer, training, factor),
    initial: plain(Object.entries(read(model, "init"))),
    batches: Array.from({ length: steps }, (_, step) => feeds(batch(data, step))),
    losses: training.f64.losses,
    final: Object.fromEntries(final),
  };
}

function plain(tensors: readonly (readonly [string, Stored])[]): Reference["initial"] {
  return Object.fromEntries(
    tensors.map(([name, tensor]) => [name, { shape: tensor.shape, data: elements(tensor) }]),
  );
}

/** Trains a network as PyTorch did: losses and final parameters within `factor` times PyTorch's own float32 drift. */
export async function expectTraining(
  model: ModelName,
  name: string,
  backend: Backend,
  factor: number,
): Promise<void> {
  await expectReference(referenceOf(model, name, factor), backend);
}
