// Comparing a few elements of a large result, each computed by itself in float64. It refuses to time.

import type { Contender, Runner } from "../runner.js";
import { initialValue, type Workload } from "../workload.js";

export interface Samples {
  /** Positions in the result. */
  readonly positions: readonly number[];
  readonly values: (workload: Workload) => readonly number[];
}

const count = 1024;
/** Apart from every power of two, so that all rows, columns and places in a tile take part. */
const stride = 0.6180339887498949;

/** Elements of A · B. */
export function productSamples(n: number): Samples {
  const positions = Array.from({ length: count }, (_, k) => Math.floor((((k + 1) * stride) % 1) * n * n));
  return {
    positions,
    values: (workload) => {
      const a = initialValue(workload, "A");
      const b = initialValue(workload, "B");
      return positions.map((position) => {
        const row = Math.floor(position / n) * n;
        const column = position % n;
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (a[row + k] ?? 0) * (b[k * n + column] ?? 0);
        return sum;
      });
    },
  };
}

/** A contender whose results are only the elements at some positions. */
export function sampled(contender: Contender, { positions }: Samples): Contender {
  const pick = async (runner: Runner): Promise<ArrayLike<number>> => {
    const whole = await runner.result();
    return positions.map((position) => whole[position] ?? Number.NaN);
  };
  return {
    ...contender,
    load: async (workload) => {
      const runner = await contender.load(workload);
      if (typeof runner === "string") return runner;
      return { step: () => runner.step(), result: () => pick(runner), dispose: () => runner.dispose() };
    },
  };
}
