// W1: the textbook network 784-256-10 without bias: relu, mean softmax cross-entropy, L2, plain gradient descent.

import {
  add,
  graph,
  matmul,
  mean,
  mul,
  relu,
  softmaxCrossEntropy,
  square,
  sum,
  transpose,
} from "@adjoint/core";
import { gradient, sgd } from "@adjoint/scheduler";
import { floats, inputOf, integers, parametersOf, type Workload, weight } from "../workload.js";

export const textbookRate = 0.05;
export const textbookDecay = 1e-4;

export function textbook(batch: number): Workload {
  const weights = { W1: weight([256, 784], 0.05, 1), W2: weight([10, 256], 0.05, 2) };
  const feeds = { x: floats([batch, 784], 3), y: integers([batch], 10, 4) };
  return {
    name: `W1 b${batch}`,
    family: "W1",
    title: `784-256-10, relu, L2, SGD, batch ${batch}`,
    model: "textbook",
    weights,
    feeds,
    result: { output: "J" },
    tolerance: 1e-4,
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      const [W1, W2] = [at("W1"), at("W2")];
      const h = relu(matmul(inputOf("x", feeds.x, dtype), transpose(W1)));
      const o = matmul(h, transpose(W2));
      const penalty = mul(textbookDecay / 2, add(sum(square(W1)), sum(square(W2))));
      const J = add(mean(softmaxCrossEntropy(o, inputOf("y", feeds.y, dtype))), penalty);
      const [d1, d2] = gradient(J, [W1, W2]);
      const pairs = [[W1, d1] as const, [W2, d2] as const];
      return graph({ outputs: { J }, updates: sgd(pairs, { learningRate: textbookRate }) });
    },
  };
}
