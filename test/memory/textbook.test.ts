// The chapter's network takes the least memory there is for it: formulas proved by exhaustive search over all orders.

import {
  type Graph,
  graph,
  input,
  matmul,
  mean,
  parameter,
  relu,
  sigmoid,
  softmaxCrossEntropy,
  tanh,
  transpose,
} from "@adjoint/core";
import { gradient, inferenceOf, plan, reference, verifyPlan } from "@adjoint/scheduler";
import { expect, it } from "vitest";
import { generator } from "./dataflows.js";

interface Sizes {
  readonly n: number;
  readonly d: number;
  readonly h: number;
  readonly q: number;
}

const activations = [relu, tanh, sigmoid] as const;

function network({ n, d, h, q }: Sizes, activation: (typeof activations)[number]): Graph {
  const W1 = parameter("W1", [h, d]);
  const W2 = parameter("W2", [q, h]);
  const o = matmul(activation(matmul(input("x", [n, d]), transpose(W1))), transpose(W2));
  const L = mean(softmaxCrossEntropy(o, input("y", [n], "int32")));
  const [dW1, dW2] = gradient(L, [W1, W2]);
  return graph({ outputs: { L, dW1, dW2 } });
}

function predictions({ n, d, h, q }: Sizes): Graph {
  const hidden = relu(matmul(input("x", [n, d]), transpose(parameter("W1", [h, d]))));
  return graph({ outputs: { o: matmul(hidden, transpose(parameter("W2", [q, h]))) } });
}

/** Elements of 4 bytes; every buffer is rounded up to `alignment` bytes, of which the formulas know nothing. */
const { target } = reference();
const rounding = 16 * (target.alignment / 4);

function elementsOf(program: Graph): number {
  const made = plan(program, { target });
  verifyPlan(made);
  return made.memory.arenaBytes / 4;
}

/** Gradients as outputs, in place, the slope of the activation from its output. */
function training({ n, d, h, q }: Sizes): number {
  const [A, B, P1, P2] = [n * h, n * q, h * d, q * h];
  return 1 + Math.min(Math.max(2 * A + B + P2, A + P1 + P2), Math.max(2 * A + B + P1, A + B + P1 + P2));
}

it("takes what is proved for 784-256-10 at 256 examples", () => {
  const sizes = { n: 256, d: 784, h: 256, q: 10 };
  expect(elementsOf(network(sizes, relu))).toBeLessThanOrEqual(268_801 + rounding);
  expect(elementsOf(predictions(sizes))).toBe(68_096);
  const inference = inferenceOf(network(sizes, relu));
  expect(Object.keys(inference?.outputs ?? {})).toEqual(["L"]);
});

it("takes at most what the formulas say for 1 000 random shapes", () => {
  const random = generator(1);
  const size = (most: number): number => 1 + Math.floor(most * random() ** 2);
  for (let k = 0; k < 1000; k++) {
    const sizes = { n: size(64), d: size(96), h: size(64), q: size(48) };
    const activation = activations[k % activations.length] ?? relu;
    const { n, h, q } = sizes;
    expect
      .soft(elementsOf(network(sizes, activation)), JSON.stringify(sizes))
      .toBeLessThanOrEqual(training(sizes) + rounding);
    expect
      .soft(elementsOf(predictions(sizes)), JSON.stringify(sizes))
      .toBeLessThanOrEqual(n * h + n * q + rounding);
  }
}, 240_000);
