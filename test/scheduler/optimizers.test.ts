/** Optimizers, clipping, schedules and accumulation against their formulas in plain numbers. */

import { graph, input, mul, type Node, parameter, sum, type Update, values } from "@adjoint/core";
import {
  accumulateGradients,
  adagrad,
  adam,
  adamW,
  clipByGlobalNorm,
  clipByValue,
  compile,
  cosineDecay,
  gradient,
  lion,
  type Pair,
  reference,
  rmsProp,
  sgd,
  stepCounter,
  stepDecay,
  warmUp,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";

const start = [1, -2, 3];
const gradients = [
  [0.5, -1, 2],
  [0.25, 3, -1],
  [-1, 0, 0.5],
  [2, 1, 1],
];

/** The parameter after each step, where the gradient of step k is `gradients[k]`. */
async function train(update: (pairs: readonly Pair[]) => readonly Update[]): Promise<number[][]> {
  const w = parameter("w", [3], values(start), { dtype: "float64" });
  const g = input("g", [3], "float64");
  const [dw] = gradient(sum(mul(w, g)), [w]);
  const session = await compile(graph({ outputs: { loss: sum(w) }, updates: update([[w, dw]]) }), {
    backend: reference(),
    verify: true,
  });
  const history: number[][] = [];
  for (const data of gradients) {
    await session.run({ g: Float64Array.from(data) });
    history.push(Array.from((await session.read(w)).data));
  }
  return history;
}

/** The same for one element at a time, in plain numbers. */
function expected(step: (w: number, g: number, k: number, state: number[]) => number): number[][] {
  const w = [...start];
  const states = start.map((): number[] => [0, 0]);
  return gradients.map((g, k) =>
    w.map((old, i) => (w[i] = step(old, g[i] ?? 0, k + 1, states[i] ?? []))).slice(),
  );
}

function expectHistory(actual: readonly number[][], wanted: readonly number[][]): void {
  for (const [k, row] of wanted.entries()) expectClose(actual[k], row, 1e-12, `step ${k}`);
}

describe("optimizers", () => {
  it("sgd", async () => {
    expectHistory(
      await train((pairs) => sgd(pairs, { learningRate: 0.1 })),
      expected((w, g) => w - 0.1 * g),
    );
  });

  it("sgd with Nesterov momentum and weight decay", async () => {
    const options = { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 };
    expectHistory(
      await train((pairs) => sgd(pairs, options)),
      expected((w, gradientOnly, _, state) => {
        const g = gradientOnly + 0.01 * w;
        state[0] = 0.9 * (state[0] ?? 0) + g;
        return w - 0.1 * (g + 0.9 * state[0]);
      }),
    );
  });

  it.each([
    ["adam", adam, 0],
    ["adamW", adamW, 0.1],
  ] as const)("%s", async (_, optimizer, weightDecay) => {
    expectHistory(
      await train((pairs) => optimizer(pairs, { learningRate: 0.01, weightDecay })),
      expected((w, g, k, state) => {
        state[0] = 0.9 * (state[0] ?? 0) + 0.1 * g;
        state[1] = 0.999 * (state[1] ?? 0) + 0.001 * g * g;
        const direction = state[0] / (1 - 0.9 ** k) / (Math.sqrt(state[1] / (1 - 0.999 ** k)) + 1e-8);
        return w * (1 - 0.01 * weightDecay) - 0.01 * direction;
      }),
    );
  });

  it("rmsProp", async () => {
    expectHistory(
      await train((pairs) => rmsProp(pairs, { learningRate: 0.01 })),
      expected((w, g, _, state) => {
        state[0] = 0.99 * (state[0] ?? 0) + 0.01 * g * g;
        return w - (0.01 * g) / (Math.sqrt(state[0]) + 1e-8);
      }),
    );
  });

  it("adagrad", async () => {
    expectHistory(
      await train((pairs) => adagrad(pairs, { learningRate: 0.05 })),
      expected((w, g, _, state) => {
        state[0] = (state[0] ?? 0) + g * g;
        return w - (0.05 * g) / (Math.sqrt(state[0]) + 1e-10);
      }),
    );
  });

  it("lion", async () => {
    expectHistory(
      await train((pairs) => lion(pairs, { learningRate: 0.05, weightDecay: 0.2 })),
      expected((w, g, _, state) => {
        const m = state[0] ?? 0;
        state[0] = 0.99 * m + 0.01 * g;
        return w - 0.05 * (Math.sign(0.9 * m + 0.1 * g) + 0.2 * w);
      }),
    );
  });

  it("clips by global norm and by value", async () => {
    expectHistory(
      await train((pairs) => sgd(clipByValue(pairs, 0.75), { learningRate: 1 })),
      expected((w, g) => w - Math.max(-0.75, Math.min(0.75, g))),
    );
    const clipped = await train((pairs) => sgd(clipByGlobalNorm(pairs, 1), { learningRate: 1 }));
    const norms = gradients.map((g) => Math.hypot(...g));
    expectHistory(
      clipped,
      expected((w, g, k) => w - g * Math.min(1, 1 / ((norms[k - 1] ?? 0) + 1e-6))),
    );
  });

  it("accumulates gradients over steps", async () => {
    const history = await train((pairs) =>
      accumulateGradients(pairs, 2, (all) => sgd(all, { learningRate: 0.1 })),
    );
    const mean = (k: number): number[] =>
      start.map((_, i) => ((gradients[k]?.[i] ?? 0) + (gradients[k + 1]?.[i] ?? 0)) / 2);
    const after2 = start.map((w, i) => w - 0.1 * (mean(0)[i] ?? 0));
    const after4 = after2.map((w, i) => w - 0.1 * (mean(2)[i] ?? 0));
    expectHistory(history, [start, after2, after2, after4]);
  });
});

describe("schedules", () => {
  const rates: readonly (readonly [string, (step: Node) => Node, (k: number) => number])[] = [
    [
      "stepDecay",
      (k) => stepDecay(k, { rate: 1, factor: 0.5, every: 2 }),
      (k) => 0.5 ** Math.floor((k - 1) / 2),
    ],
    [
      "cosineDecay",
      (k) => cosineDecay(k, { rate: 1, steps: 4, floor: 0.2 }),
      (k) => 0.2 + 0.4 * (1 + Math.cos((Math.PI * Math.min(k - 1, 4)) / 4)),
    ],
    ["warmUp", (k) => warmUp(k, 0.3, 3), (k) => 0.3 * Math.min(1, k / 3)],
  ];

  it.each(rates)("%s", async (_, schedule, rate) => {
    const counter = stepCounter("count", parameter("like", [], undefined, { dtype: "float64" }));
    const session = await compile(
      graph({ outputs: { rate: schedule(counter.step) }, updates: [counter.update] }),
      {
        backend: reference(),
      },
    );
    for (let k = 1; k <= 6; k++) expect((await session.run({})).rate.item()).toBeCloseTo(rate(k), 12);
  });
});
