/** A training of PyTorch's as plain data, and the same training on a backend, in Node and in browsers alike. */

import { type Graph, graph, type Update } from "@adjoint/core";
import {
  adagrad,
  adam,
  adamW,
  type BackendChoice,
  clipByGlobalNorm,
  compile,
  gradient,
  type Pair,
  rmsProp,
  sgd,
} from "@adjoint/scheduler";
import { expect } from "vitest";
import { declareModel, type Model, type ModelName } from "./torch-models.js";

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Reference {
  readonly model: ModelName;
  readonly optimizer: string;
  /** How far losses and the final parameters may be from those in float64, relatively. */
  readonly allowed: number;
  readonly initial: Readonly<Record<string, Plain>>;
  readonly batches: readonly { readonly x: Plain; readonly y: Plain }[];
  readonly losses: readonly number[];
  readonly final: Readonly<Record<string, Final>>;
}

interface Final extends Plain {
  /** Positions of elements that are rounding noise: no implementation in float32 can be held to them. */
  readonly noise: readonly number[];
}

/** PyTorch's optimizers with the rates of the references. */
export const optimizers: Readonly<Record<string, (pairs: readonly Pair[]) => readonly Update[]>> = {
  sgd: (pairs) => sgd(pairs, { learningRate: 0.1 }),
  sgd_momentum_nesterov_wd: (pairs) =>
    sgd(pairs, { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  adam: (pairs) => adam(pairs, { learningRate: 3e-3 }),
  adamw: (pairs) => adamW(pairs, { learningRate: 3e-3, weightDecay: 0.1 }),
  rmsprop: (pairs) => rmsProp(pairs, { learningRate: 1e-3, alpha: 0.99 }),
  adagrad: (pairs) => adagrad(pairs, { learningRate: 0.05 }),
  sgd_clip1: (pairs) => sgd(clipByGlobalNorm(pairs, 1), { learningRate: 0.5 }),
};

function pairsOf({ loss, parameters }: Model): Pair[] {
  const slopes = gradient(loss, parameters);
  return parameters.flatMap((parameter, index): Pair[] => {
    const slope = slopes[index];
    return slope === undefined ? [] : [[parameter, slope]];
  });
}

/** One step of a reference's training, in float32. */
export function trainingStep({ model, optimizer, initial, batches }: Reference): Graph {
  const [optimize, [first]] = [optimizers[optimizer], batches];
  if (optimize === undefined || first === undefined) throw new Error(`no training with ${optimizer}`);
  const declared = declareModel(model, initial, first, "float32");
  const updates = [...optimize(pairsOf(declared)), ...declared.updates];
  return graph({ outputs: { loss: declared.loss }, updates });
}

/** Trains as the reference did: every loss and the final parameters, all together, within what is allowed. */
export async function expectReference(reference: Reference, backend: BackendChoice): Promise<void> {
  const { batches, losses, final, allowed } = reference;
  const session = await compile(trainingStep(reference), { backend });
  for (const [step, feeds] of batches.entries()) {
    const loss = (await session.run(feeds))["loss"]?.item() ?? Number.NaN;
    const wanted = losses[step] ?? Number.NaN;
    expect(Math.abs(loss - wanted) / wanted, `loss of step ${step}`).toBeLessThan(allowed);
  }
  let [difference, size] = [0, 0];
  for (const [parameter, { data, noise }] of Object.entries(final)) {
    const { data: found } = await session.read(parameter);
    for (const [index, wanted] of data.entries()) {
      if (noise.includes(index)) continue;
      difference += ((found[index] ?? Number.NaN) - wanted) ** 2;
      size += wanted ** 2;
    }
  }
  expect(size).toBeGreaterThan(0);
  expect(Math.sqrt(difference / size)).toBeLessThan(allowed);
  await session.dispose();
}
