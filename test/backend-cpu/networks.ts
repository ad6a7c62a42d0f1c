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
  const weights = [
    weight("K1", [5, 1, 5, 5], 1),
    weight("K2", [7, 5, 3, 3], 2),
    weight("K3", [9, 7, 3, 3], 3),
    weight("W", [10, 72], 4),
  ];
  const [K1, K2, K3, W] = weights;
  if (K1 === undefined || K2 === undefined || K3 === undefined || W === undefined)
    throw new RangeError("weights");
  const first = averagePool(relu(conv2d<string>(input("x", [4, 1, 9, 16]), K1, { padding: 2 })), [2, 2]);
  const second = relu(conv2d<string>(first, K2, { padding: 1 }));
  const third = relu(conv2d<string>(second, K3, { strides: 2, padding: 1 }));
  const loss = mean(softmaxCrossEntropy<string>(linear(flatten(third, 1), W), input("y", [4], "int32")));
  return {
    name: "convolutional",
    graph: training(loss, weights),
    feeds: { x: drawn(4 * 9 * 16, 5), y: labels(4) },
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

/** The losses of some steps, and every weight and its optimizer's state after them; disposes the session. */
export async function valuesAfter(
  session: Session,
  { steps, feeds }: { readonly steps: number; readonly feeds: Feeds },
): Promise<Map<string, number[]>> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++)
    losses.push((await session.run(feeds))["loss"]?.item() ?? Number.NaN);
  const values = new Map([["loss", losses]]);
  for (const { name } of session.plan.parameters) values.set(name, [...(await session.read(name)).data]);
  await session.dispose();
  return values;
}

export function bitsOf(values: readonly number[]): Uint32Array {
  return new Uint32Array(Float32Array.from(values).buffer);
}
