// Training steps whose memory is planned in `models.ts`: those of the benchmark, and three more shapes of network. They are
// planned, not run.

import {
  add,
  averagePool,
  concat,
  conv2d,
  flatten,
  type Graph,
  graph,
  groupNorm,
  input,
  linear,
  lstm,
  matmul,
  maxPool,
  mean,
  type Node,
  normal,
  parameter,
  relu,
  reshape,
  softmaxCrossEntropy,
  square,
  sub,
} from "@adjoint/core";
import { gradient, sgd } from "@adjoint/scheduler";
import { hessianVectorProduct } from "../workloads/curvature.js";
import { deep } from "../workloads/deep.js";
import { gpt } from "../workloads/gpt.js";
import { lenet } from "../workloads/lenet.js";
import { textbook } from "../workloads/textbook.js";

export const programs: Readonly<Record<string, () => Graph>> = {
  "textbook network, batch 256": () => textbook(256).declare("float32"),
  "784-512-512-512-10, batch 128": () => deep().declare("float32"),
  "LeNet-5, batch 64": () => lenet().declare("float32"),
  "GPT, 4 layers of 128, batch 16": () => gpt().declare("float32"),
  "ResNet-18 shape, batch 16": residual,
  "U-Net shape, batch 4": unet,
  "LSTM, 64 steps, batch 32": recurrent,
  "Hessian-vector product": () => hessianVectorProduct().declare("float32"),
};

/** Hands out weights by name and remembers them. */
class Weights {
  readonly all: Node<never>[] = [];

  of(...shape: number[]): Node<never> {
    const made = parameter(`w${this.all.length}`, shape, normal({ std: 0.05, seed: this.all.length }));
    this.all.push(made);
    return made;
  }

  step(J: Node): Graph {
    const slopes = gradient(J, this.all);
    const pairs = this.all.map((node, k) => [node, slopes[k] ?? node] as const);
    return graph({ outputs: { J }, updates: sgd(pairs, { learningRate: 0.1 }) });
  }
}

function convolved(x: Node, weights: Weights, channels: number, stride = 1): Node {
  const [, inputs = 1] = x.shape;
  return groupNorm<string>(
    conv2d<string>(x, weights.of(channels, inputs, 3, 3), { padding: 1, strides: stride }),
    4,
  );
}

/** Four stages of two residual blocks, on 64 × 64 images. */
function residual(): Graph {
  const weights = new Weights();
  const batch = 16;
  let x = relu(convolved(input("x", [batch, 3, 64, 64]), weights, 32));
  for (const [stage, channels] of [32, 64, 128, 256].entries()) {
    for (const block of [0, 1]) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = convolved(relu(convolved(x, weights, channels, stride)), weights, channels);
      const skip = stride === 1 ? x : convolved(x, weights, channels, stride);
      x = relu(add(inner, skip));
    }
  }
  const o = linear<string>(flatten(averagePool(x, [8, 8]), 1), weights.of(10, 256));
  return weights.step(mean(softmaxCrossEntropy(o, input("y", [batch], "int32"))));
}

/** Three levels down and up again, with a skip at each. */
function unet(): Graph {
  const weights = new Weights();
  const batch = 4;
  const twice = (x: Node, channels: number): Node =>
    relu(convolved(relu(convolved(x, weights, channels)), weights, channels));
  const skips: Node[] = [];
  let x: Node = input("x", [batch, 1, 64, 64]);
  for (const channels of [16, 32, 64]) {
    x = twice(x, channels);
    skips.push(x);
    x = maxPool(x, [2, 2]);
  }
  x = twice(x, 128);
  for (const skip of skips.reverse()) x = twice(concat([doubled(x), skip], 1), skip.shape[1] ?? 1);
  const o = convolved(x, weights, 4);
  return weights.step(mean(square(sub(o, input("y", [batch, 4, 64, 64])))));
}

/** Every pixel four times. */
function doubled(x: Node): Node {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const wide = reshape(x, [batch, channels, height, 1, width, 1]);
  const grown = concat([concat([wide, wide], 3), concat([wide, wide], 3)], 5);
  return reshape(grown, [batch, channels, 2 * height, 2 * width]);
}

function recurrent(): Graph {
  const weights = new Weights();
  const [steps, batch, features, width] = [64, 32, 32, 128];
  const xs = input("x", [steps, batch, features]);
  const [initial, Wi, Wh] = [
    weights.of(batch, width),
    weights.of(4 * width, features),
    weights.of(4 * width, width),
  ];
  const { state } = lstm<string>(xs, { hidden: initial, cell: initial }, { input: Wi, hidden: Wh });
  const o = matmul(state.hidden, weights.of(width, 10));
  return weights.step(mean(softmaxCrossEntropy(o, input("y", [batch], "int32"))));
}
