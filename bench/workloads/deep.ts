// W2: the network 784-512-512-512-10 with bias, batch 128, Adam.

import { graph, linear, mean, type Node, relu, softmaxCrossEntropy } from "@adjoint/core";
import { adam, gradient } from "@adjoint/scheduler";
import {
  filledWeight,
  floats,
  inputOf,
  integers,
  parametersOf,
  type Weight,
  type Workload,
  weight,
} from "../workload.js";

export const deepRate = 1e-3;
export const deepSizes: readonly number[] = [784, 512, 512, 512, 10];

export function deep(): Workload {
  const batch = 128;
  const layers = deepSizes.slice(1).map((size, k) => ({ k, size, from: deepSizes[k] ?? 0 }));
  const weights: { [name: string]: Weight } = {};
  for (const { k, size, from } of layers) {
    weights[`W${k}`] = weight([size, from], Math.sqrt(2 / from), k + 1);
    weights[`b${k}`] = filledWeight([size]);
  }
  const feeds = { x: floats([batch, 784], 11), y: integers([batch], 10, 12) };
  return {
    name: "W2",
    family: "W2",
    title: `${deepSizes.join("-")}, bias, Adam, batch ${batch}`,
    model: "deep",
    weights,
    feeds,
    result: { output: "J" },
    tolerance: 1e-3,
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      const o = layers.reduce<Node>(
        (x, { k }) => linear<string>(k === 0 ? x : relu(x), at(`W${k}`), at(`b${k}`)),
        inputOf("x", feeds.x, dtype),
      );
      const J = mean(softmaxCrossEntropy(o, inputOf("y", feeds.y, dtype)));
      const all = Object.keys(weights).map(at);
      const slopes = gradient(J, all);
      const pairs = all.map((node, position) => [node, slopes[position] ?? node] as const);
      return graph({ outputs: { J }, updates: adam(pairs, { learningRate: deepRate }) });
    },
  };
}
