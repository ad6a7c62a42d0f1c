/** Gradient accumulation over several runs: one update for the batches of all of them. It refuses to divide a batch. */

import { add, constant, equal, filled, mul, parameter, type Update, where, zerosLike } from "@adjoint/core";
import { type Pair, stateFor } from "./optimizer.js";

/**
 * Collects the mean of the gradients of `steps` consecutive runs and lets the optimizer's updates take effect in the last
 * of them only; its state does not change in the others either. For a batch that is fed at once but is too large to compute
 * at once there is `accumulate`, which computes one run in parts.
 */
export function accumulateGradients<Feeds extends string>(
  pairs: readonly Pair<Feeds>[],
  steps: number,
  optimizer: (pairs: readonly Pair<Feeds>[]) => readonly Update<Feeds>[],
): Update<Feeds>[] {
  const [first] = pairs;
  if (first === undefined) return [];
  const dtype = first[0].dtype;
  const counter = parameter("accumulate.step", [], filled(0), { dtype, state: true });
  const count = add(counter, constant(1, { dtype }));
  const last = equal(count, steps);
  const sums = pairs.map(([owner, gradient]) => {
    const state = stateFor(owner, "accumulate.sum");
    return { owner, state, total: add<Feeds>(state, mul<Feeds>(1 / steps, gradient)) };
  });
  const applied = optimizer(sums.map(({ owner, total }): Pair<Feeds> => [owner, total]));
  return [
    { parameter: counter, value: where(last, zerosLike(count), count) },
    ...sums.map(({ state, total }) => ({
      parameter: state,
      value: where<Feeds>(last, zerosLike(total), total),
    })),
    ...applied.map(({ parameter: owner, value }) => ({
      parameter: owner,
      value: where(last, value, owner),
    })),
  ];
}
