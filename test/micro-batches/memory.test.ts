// What micro-batches are for: the arena of a plan falls with their number where activations fill it.

import { cpu } from "@adjoint/backend-cpu";
import {
  conv2d,
  dropout,
  flatten,
  type Graph,
  graph,
  input,
  label,
  linear,
  mean,
  type Node,
  normal,
  parameter,
  randomKey,
  relu,
  softmaxCrossEntropy,
  square,
  tanh,
} from "@adjoint/core";
import { accumulate, gradient, plan, sgd } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";

const batch = 64;
const { target } = cpu();

function weight(name: string, shape: readonly number[], seed: number): Node<never> {
  return parameter(name, shape, normal({ std: 0.1, seed }));
}

function stepOf(J: Node, weights: readonly Node<never>[]): Graph {
  const slopes = gradient(J, weights);
  const pairs = weights.map((node, position) => [node, slopes[position] ?? node] as const);
  return graph({ outputs: { J }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

/** Sixteen layers of 32: activations of 64 examples are 64 times a layer, weights 32 times. */
function deep(): Graph {
  const weights = Array.from({ length: 16 }, (_, k) => weight(`W${k}`, [32, 32], k));
  const o = weights.reduce<Node>(
    (h, W, k) => label(tanh(linear<string>(h, W)), `h${k}`),
    input("x", [batch, 32]),
  );
  return stepOf(mean(softmaxCrossEntropy(o, input("y", [batch], "int32"))), weights);
}

function convolutional(): Graph {
  const [K1, K2, W] = [
    weight("K1", [8, 1, 3, 3], 1),
    weight("K2", [8, 8, 3, 3], 2),
    weight("W", [10, 512], 3),
  ];
  const first = relu(conv2d<string>(input("x", [batch, 1, 8, 8]), K1, { padding: 1 }));
  const second = relu(conv2d<string>(first, K2, { padding: 1 }));
  const o = linear<string>(flatten(second, 1), W);
  return stepOf(mean(softmaxCrossEntropy(o, input("y", [batch], "int32"))), [K1, K2, W]);
}

function arenaOf(step: Graph, microBatches: number): number {
  return plan(accumulate(step, { microBatches }), { target, verify: true }).memory.arenaBytes;
}

describe("the arena", () => {
  test("of a convolutional network falls with every doubling", () => {
    const step = convolutional();
    const [one = 0, two = 0, four = 0, eight = 0] = [1, 2, 4, 8].map((count) => arenaOf(step, count));
    // Two activations of 64 examples, 8 channels, 8 × 8, and little else.
    expect(one).toBeGreaterThan(2 * 4 * batch * 8 * 64);
    expect(two).toBeLessThan(0.6 * one);
    expect(four).toBeLessThan(0.6 * two);
    expect(eight).toBeLessThan(0.7 * four);
  });

  test("of a deep network falls to what the gradients and one part take", () => {
    const step = deep();
    const whole = arenaOf(step, 1);
    const activations = 16 * batch * 32 * 4;
    const gradients = 16 * 32 * 32 * 4;
    expect(whole).toBeGreaterThan(activations);
    // As many bytes again as the activations of one part for what is live besides.
    expect(arenaOf(step, 8)).toBeLessThan(gradients + (2 * activations) / 8);
  });
});

describe("the parts", () => {
  test("draw their random bits themselves, the ones of the whole", () => {
    const W = weight("W", [10, 32], 1);
    const h = dropout<string>(tanh(input("x", [batch, 32])), randomKey(1), 0.5);
    const J = mean(softmaxCrossEntropy(linear<string>(h, W), input("y", [batch], "int32")));
    const { nodes } = accumulate(stepOf(J, [W]), { microBatches: 8 });
    const drawn = nodes.filter(({ op }) => op.name === "threefry").map(({ shape }) => shape);
    expect(drawn).toEqual(new Array(8).fill([batch / 8, 32]));
  });

  test("add up one gradient of a weight that many layers share", () => {
    const W = weight("W", [32, 32], 1);
    const o = Array.from({ length: 8 }).reduce<Node>(
      (h) => tanh(linear<string>(h, W)),
      input("x", [batch, 32]),
    );
    const { nodes } = accumulate(stepOf(mean(square(o)), [W]), { microBatches: 4 });
    const kept = nodes.filter(({ op, shape }) => op.name === "copy" && shape.length === 2);
    expect(kept.map(({ shape }) => shape)).toEqual(new Array(3).fill([32, 32]));
  });

  test("are declared one after another", () => {
    const { nodes } = accumulate(deep(), { microBatches: 4 });
    const parts = nodes.flatMap((node) => /^h\d+\.(\d)$/.exec(node.label ?? "")?.[1] ?? []);
    expect(parts).toEqual(["1", "2", "3", "4"].flatMap((part) => new Array<string>(16).fill(part)));
  });
});
