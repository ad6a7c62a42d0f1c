/** The textbook network trained on drawn digits, on any backend: the losses by step. It refuses to judge them. */

import { type Backend, compile } from "@adjoint/scheduler";
import { batches } from "examples/textbook-mlp/batches.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { declareModel } from "examples/textbook-mlp/model.js";
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

/** The losses of the first steps, those of an epoch at most: 50. */
export async function textbookLosses(backend: Backend, steps = 50): Promise<readonly number[]> {
  const digits = drawDigits({ count, seed: settings.seed });
  const session = await compile(declareModel(settings).train, { backend });
  try {
    const feeds = from(batches(digits, { batch: settings.batch, seed: settings.seed, epoch: 1 }));
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
