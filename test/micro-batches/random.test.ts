// Random networks, and random graphs of any ops: what is not refused gives the same results in micro-batches.

import {
  add,
  dropout,
  type Graph,
  graph,
  input,
  interpret,
  layerNorm,
  linear,
  mean,
  mul,
  type Node,
  normal,
  parameter,
  randomKey,
  relu,
  sigmoid,
  softmaxCrossEntropy,
  square,
  sub,
  sum,
  tanh,
  verifyGraph,
} from "@adjoint/core";
import {
  accumulate,
  adam,
  clipByGlobalNorm,
  gradient,
  MicroBatchError,
  type Pair,
  sgd,
} from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";
import { type Feeds, randomFeeds, randomGraph } from "../random/graphs.js";

const activations: Readonly<Record<string, (x: Node) => Node>> = {
  relu,
  tanh,
  sigmoid,
  normalized: (x) => layerNorm(x),
  dropped: (x) => dropout(x, randomKey(5), 0.3),
  residual: (x) => add(x, tanh(x)),
};

const optimizers = {
  sgd: (pairs: readonly Pair[]) => sgd(pairs, { learningRate: 0.1, momentum: 0.5 }),
  adam: (pairs: readonly Pair[]) => adam(pairs, { learningRate: 0.01, epsilon: 1e-3 }),
  clipped: (pairs: readonly Pair[]) => sgd(clipByGlobalNorm(pairs, 0.1), { learningRate: 0.1 }),
} as const;

const networks = fc.record({
  widths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  /** All layers of one width share their weights. */
  tied: fc.boolean(),
  bias: fc.boolean(),
  penalty: fc.boolean(),
  classes: fc.boolean(),
  /** Outputs are [batch, time, width] rather than [batch, width]. */
  time: fc.constantFrom(0, 3),
  activation: fc.constantFrom(...Object.values(activations)),
  optimizer: fc.constantFrom(...Object.values(optimizers)),
});

const batch = 6;

function trained({ widths, tied, bias, penalty, classes, time, activation, optimizer }: Network): Graph {
  const examples = time === 0 ? [batch] : [batch, time];
  const weights = new Map<string, Node<never>>();
  const weight = (name: string, shape: readonly number[]): Node<never> => {
    const known =
      weights.get(name) ??
      parameter(name, shape, normal({ std: 0.7, seed: weights.size }), { dtype: "float64" });
    weights.set(name, known);
    return known;
  };
  const o = widths.reduce<Node>(
    (x, width, k) => {
      const from = x.shape.at(-1) ?? 1;
      const name = tied ? `${from}.${width}` : `${k}`;
      const h = linear<string>(
        x,
        weight(`W${name}`, [width, from]),
        bias ? weight(`b${name}`, [width]) : undefined,
      );
      return k === widths.length - 1 ? h : activation(h);
    },
    input("x", [...examples, 3], "float64"),
  );
  const y = classes ? input("y", examples, "int32") : input("y", o.shape, "float64");
  const fit = mean(classes ? softmaxCrossEntropy(o, y) : square(sub(o, y)));
  const all = [...weights.values()];
  const squares = all.map((node) => sum(square(node)));
  const J = penalty
    ? add(
        fit,
        mul(
          0.05,
          squares.reduce((total, next) => add(total, next)),
        ),
      )
    : fit;
  const slopes = gradient(J, all);
  const pairs = all.map((node, position): Pair => [node, slopes[position] ?? node]);
  return graph({ outputs: { J, o }, updates: optimizer(pairs) });
}

type Network = typeof networks extends fc.Arbitrary<infer T> ? T : never;

function expectSame(step: Graph, divided: Graph, feeds: Feeds): void {
  verifyGraph(divided);
  const [truth, found] = [interpret(step, feeds), interpret(divided, feeds)];
  for (const [name, values] of Object.entries(truth.outputs))
    expectClose(found.outputs[name], values, 1e-9, name);
  for (const [name, values] of truth.updates) expectClose(found.updates.get(name), values, 1e-9, name);
}

describe("random networks", () => {
  it("train the same in micro-batches", () => {
    fc.assert(
      fc.property(networks, fc.constantFrom(2, 3, 6), fc.nat(), (network, microBatches, seed) => {
        const step = trained(network);
        const feeds = Object.fromEntries(
          step.inputs.map(({ attributes, shape, dtype }) => [
            String(attributes["name"]),
            Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, (_, k) =>
              dtype === "int32" ? (seed + k * k) % (network.widths.at(-1) ?? 1) : Math.sin(seed + k * k),
            ),
          ]),
        );
        expectSame(step, accumulate(step, { microBatches, batch: { x: 0, y: 0 } }), feeds);
      }),
      { numRuns: 60 },
    );
  });
});

describe("random graphs", () => {
  it("give the same results in micro-batches, or are refused", () => {
    let accepted = 0;
    const programs = randomGraph({ dtypes: ["float64", "int32", "bool"] }).chain((step) =>
      fc.record({ step: fc.constant(step), feeds: randomFeeds(step), seed: fc.nat() }),
    );
    fc.assert(
      fc.property(programs, ({ step, feeds, seed }) => {
        const axes = step.inputs.flatMap((node) =>
          node.shape.flatMap((extent, axis) => (extent > 1 ? [{ node, extent, axis }] : [])),
        );
        const chosen = axes[seed % Math.max(1, axes.length)];
        if (chosen === undefined) return;
        const { extent, axis } = chosen;
        const alike = axes.filter((other) => other.extent === extent && other.axis === axis);
        const names = (seed % 3 === 0 ? [chosen] : alike).map(({ node }) => step.nameOf(node));
        try {
          const options = {
            microBatches: extent,
            batch: Object.fromEntries(names.map((name) => [name, axis])),
          };
          const divided = accumulate(step, options);
          expectSame(step, divided, feeds);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof MicroBatchError)) throw error;
          expect(error.obstacle).toBe("mixing");
        }
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});
