// Small programs that train, large enough for threads to divide their kernels, and the bits they leave.

import {
  averagePool,
  conv2d,
  flatten,
  type Graph,
  gelu,
  graph,
  initialize,
  input,
  layerNorm,
  linear,
  mean,
  type Node,
  normal,
  parameter,
  relu,
  scaledDotProductAttention,
  softmaxCrossEntropy,
} from "@adjoint/core";
import { adam, gradient, type Session } from "@adjoint/scheduler";

type Feeds = Readonly<Record<string, Float32Array | Int32Array>>;

export interface Network {
  readonly name: string;
  readonly graph: Graph;
  readonly feeds: Feeds;
}

const weight = (name: string, shape: readonly number[], seed: number): Node<never> =>
  parameter(name, shape, normal({ std: 0.2, seed }));
const drawn = (count: number, seed: number): Float32Array =>
  Float32Array.from(initialize(normal({ std: 1, seed }), [count]));

function training(loss: Node, weights: readonly Node<never>[]): Graph {
  const slopes = gradient(loss, weights);
  const pairs = weights.map((node, position) => [node, slopes[position] ?? loss] as const);
  return graph({ outputs: { loss }, updates: adam(pairs, { learningRate: 0.01 }) });
}

const labels = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => (i * 7) % 10);

function dense(): Network {
  const weights = [weight("W1", [61, 47], 1), weight("b1", [61], 2), weight("W2", [10, 61], 3)];
  const [W1, b1, W2] = weights;
  if (W1 === undefined || b1 === undefined || W2 === undefined) throw new RangeError("weights");
  const hidden = gelu(linear(input("x", [67, 47]), W1, b1), "tanh");
  const loss = mean(softmaxCrossEntropy<string>(linear(hidden, W2), input("y", [67], "int32")));
  return { name: "dense", graph: training(loss, weights), feeds: { x: drawn(67 * 47, 4), y: labels(67) } };
}

function convolutional(): Network {
  const weights = [weight("K1", [5, 1, 5, 5], 1), weight("K2", [9, 5, 3, 3], 2), weight("W", [10, 144], 3)];
  const [K1, K2, W] = weights;
  if (K1 === undefined || K2 === undefined || W === undefined) throw new RangeError("weights");
  const first = averagePool(relu(conv2d<string>(input("x", [6, 1, 17, 16]), K1, { padding: 2 })), [2, 2]);
  const second = relu(conv2d<string>(first, K2, { strides: 2, padding: 1 }));
  const loss = mean(softmaxCrossEntropy<string>(linear(flatten(second, 1), W), input("y", [6], "int32")));
  return {
    name: "convolutional",
    graph: training(loss, weights),
    feeds: { x: drawn(6 * 17 * 16, 4), y: labels(6) },
  };
}

function attention(): Network {
  const weights = ["q", "k", "v"].map((name, seed) => weight(name, [24, 24], seed + 1));
  const head = weight("head", [10, 24], 4);
  const x = input("x", [3, 29, 24]);
  const [q = x, k = x, v = x] = weights.map((matrix) => linear<string>(layerNorm(x), matrix));
  const seen = scaledDotProductAttention(q, k, v, { causal: true });
  const loss = mean(softmaxCrossEntropy<string>(linear(seen, head), input("y", [3, 29], "int32")));
  return {
    name: "attention",
    graph: training(loss, [...weights, head]),
    feeds: { x: drawn(3 * 29 * 24, 5), y: labels(3 * 29) },
  };
}

export const networks: readonly (() => Network)[] = [dense, convolutional, attention];

/** The losses of some steps, and every parameter after them, as bits. */
export async function bitsAfter(session: Session, feeds: Feeds, steps: number): Promise<Uint32Array> {
  const bits: number[] = [];
  const add = (data: ArrayLike<number>): void => {
    bits.push(...new Uint32Array(Float32Array.from(data).buffer));
  };
  for (let step = 0; step < steps; step++) add((await session.run(feeds))["loss"]?.data ?? []);
  for (const { name } of session.plan.parameters) add((await session.read(name)).data);
  return Uint32Array.from(bits);
}
