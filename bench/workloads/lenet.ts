// W3: LeNet-5 on 28 × 28 images with relu and average pooling, batch 64, plain gradient descent.

import {
  averagePool,
  conv2d,
  flatten,
  graph,
  linear,
  mean,
  type Node,
  relu,
  softmaxCrossEntropy,
} from "@adjoint/core";
import { gradient, sgd } from "@adjoint/scheduler";
import { filledWeight, floats, inputOf, integers, parametersOf, type Workload, weight } from "../workload.js";

export const lenetRate = 0.05;

export function lenet(): Workload {
  const batch = 64;
  const weights = {
    K1: weight([6, 1, 5, 5], 0.2, 1),
    k1: filledWeight([6]),
    K2: weight([16, 6, 5, 5], 0.1, 2),
    k2: filledWeight([16]),
    W1: weight([120, 400], 0.07, 3),
    b1: filledWeight([120]),
    W2: weight([84, 120], 0.13, 4),
    b2: filledWeight([84]),
    W3: weight([10, 84], 0.15, 5),
    b3: filledWeight([10]),
  };
  const feeds = { x: floats([batch, 1, 28, 28], 6), y: integers([batch], 10, 7) };
  return {
    name: "W3",
    family: "W3",
    title: `LeNet-5, SGD, batch ${batch}`,
    model: "lenet",
    weights,
    feeds,
    result: { output: "J" },
    tolerance: 1e-3,
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      const x = inputOf("x", feeds.x, dtype);
      const first = averagePool(relu(conv2d<string>(x, at("K1"), { bias: at("k1"), padding: 2 })), [2, 2]);
      const second = averagePool(relu(conv2d<string>(first, at("K2"), { bias: at("k2") })), [2, 2]);
      const dense = (node: Node, k: number): Node => linear<string>(node, at(`W${k}`), at(`b${k}`));
      const o = dense(relu(dense(relu(dense(flatten(second, 1), 1)), 2)), 3);
      const J = mean(softmaxCrossEntropy(o, inputOf("y", feeds.y, dtype)));
      const all = Object.keys(weights).map(at);
      const slopes = gradient(J, all);
      const pairs = all.map((node, position) => [node, slopes[position] ?? node] as const);
      return graph({ outputs: { J }, updates: sgd(pairs, { learningRate: lenetRate }) });
    },
  };
}
