// Whether a contender computes the workload at all: its first results against those of the Adjoint program in float64.
// It refuses to time.

import { loadAdjoint } from "./adjoint.js";
import type { Runner } from "./runner.js";
import type { Workload } from "./workload.js";

/** Training must agree after updates too, so several steps are compared. */
const steps = 3;

export type Results = readonly ArrayLike<number>[];

/** The results of the first steps in float64. */
export async function trueResults(workload: Workload): Promise<Results> {
  const runner = await loadAdjoint(workload, "float64", {});
  try {
    return await firstResults(runner);
  } finally {
    await runner.dispose();
  }
}

/** Runs the first steps of a runner; `onFirst` is called when the first is done. */
export async function firstResults(runner: Runner, onFirst?: () => void): Promise<Results> {
  const results: ArrayLike<number>[] = [];
  for (let step = 0; step < steps; step++) {
    await runner.step();
    if (step === 0) onFirst?.();
    results.push(await runner.result());
  }
  return results;
}

/** The largest deviation of any element in any step, relative to the largest true element of that step. */
export function deviation(found: Results, truth: Results): number {
  return Math.max(...truth.map((expected, step) => relative(found[step] ?? [], expected)));
}

function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = Number.MIN_VALUE;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? 0;
    const difference = Math.abs((found[i] ?? 0) - value);
    // Not Math.max: it must not lose a NaN.
    if (!(difference <= worst)) worst = difference;
    largest = Math.max(largest, Math.abs(value));
  }
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst / largest;
}
