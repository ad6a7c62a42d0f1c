/** The textbook network trained on drawn digits, on any backend: the losses by step. It refuses to judge them. */

import { type CompileOptions, compile } from "@adjoint/scheduler";
import { batches } from "examples/textbook-mlp/batches.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { declareModel, type Settings } from "examples/textbook-mlp/model.js";
import { from, lastValueFrom, map, take, toArray } from "rxjs";

/** Ordinary settings of the network; the digits are few enough for a slow machine. */
export const settings = {
  activation: "relu",
  batch: 32,
  hidden: 256,
  lambda: 1e-4,
  learningRate: 0.5,
  seed: 1,
} as const;
const count = 1600;

/** The same, small enough for a WebGPU that software computes. */
export const smallSettings = { ...settings, batch: 16, hidden: 16 } as const;

/** The losses of the first steps, those of an epoch at most. */
export async function textbookLosses(
  backend: CompileOptions["backend"],
  steps = 50,
  { batch, ...others }: Settings = settings,
): Promise<readonly number[]> {
  const digits = drawDigits({ count, seed: others.seed });
  const session = await compile(declareModel({ batch, ...others }).train, { backend });
  try {
    const feeds = from(batches(digits, { batch, seed: others.seed, epoch: 1 }));
    const losses = session.stream(feeds).pipe(
      take(steps),
      map(({ outputs }) => outputs.J.item()),
      toArray(),
    );
    return await lastValueFrom(losses);
  } finally {
    await session.dispose();
  }
}
