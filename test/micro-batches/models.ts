// Training steps of every kind over a batch of eight examples, small enough for the interpreter. It refuses to run them.

import {
  add,
  averagePool,
  cast,
  conv2d,
  div,
  dropout,
  embedding,
  flatten,
  foldIn,
  type Graph,
  gather,
  gelu,
  graph,
  input,
  label,
  layerNorm,
  linear,
  lstm,
  matmul,
  maxPool,
  mean,
  mul,
  type Node,
  normal,
  notEqual,
  parameter,
  randomKey,
  relu,
  reshape,
  round,
  scaledDotProductAttention,
  sizeOf,
  softmaxCrossEntropy,
  split,
  square,
  sub,
  sum,
  tanh,
  transpose,
} from "@adjoint/core";
import {
  adam,
  adamW,
  clipByGlobalNorm,
  customGradient,
  gradient,
  hvp,
  type Pair,
  sgd,
  stepCounter,
} from "@adjoint/scheduler";

export type Float = "float32" | "float64";

export const batch = 8;

/** A weight drawn from its name. */
function weight(name: string, shape: readonly number[], dtype: Float, std = 0.4): Node<never> {
  const seed = [...name].reduce((total, letter) => 31 * total + (letter.codePointAt(0) ?? 0), 7) % 65521;
  return parameter(name, shape, normal({ std, seed }), { dtype });
}

function pairsOf(J: Node, weights: readonly Node<never>[]): Pair[] {
  const slopes = gradient(J, weights);
  return weights.map((node, position) => [node, slopes[position] ?? node]);
}

function penaltyOf(...weights: readonly Node[]): Node {
  const squares = weights.map((node) => sum(square(node)));
  return mul(
    1e-2 / 2,
    squares.reduce((total, next) => add(total, next)),
  );
}

function textbook(dtype: Float, bias: boolean): Graph {
  const x = input("x", [batch, 6], dtype);
  const y = input("y", [batch], "int32");
  const [W1, W2] = [weight("W1", [5, 6], dtype), weight("W2", [4, 5], dtype)];
  const [b1, b2] = [weight("b1", [5], dtype), weight("b2", [4], dtype)];
  const h = label(relu(bias ? linear<string>(x, W1, b1) : matmul<string>(x, transpose(W1))), "h");
  const o = bias ? linear<string>(h, W2, b2) : matmul<string>(h, transpose(W2));
  const J = add(mean(softmaxCrossEntropy(o, y)), penaltyOf(W1, W2));
  const pairs = pairsOf(J, bias ? [W1, b1, W2, b2] : [W1, W2]);
  const slopes = Object.fromEntries(pairs.map(([node, slope]) => [`d${String(node.label)}`, slope]));
  return graph({ outputs: { J, o, ...slopes }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

function deep(dtype: Float): Graph {
  const x = input("x", [batch, 5], dtype);
  const y = input("y", [batch, 3], dtype);
  const weights = [0, 1, 2, 3].map((k) => weight(`W${k}`, [k === 3 ? 3 : 6, k === 0 ? 5 : 6], dtype));
  const o = weights.reduce<Node>((h, W, k) => linear<string>(k === 0 ? h : tanh(h), W), x);
  const J = mean(square(add(o, mul(-1, y))));
  return graph({ outputs: { J }, updates: adam(pairsOf(J, weights), { learningRate: 0.01 }) });
}

function lenet(dtype: Float): Graph {
  const x = input("x", [batch, 1, 8, 8], dtype);
  const y = input("y", [batch], "int32");
  const [K1, k1] = [weight("K1", [2, 1, 3, 3], dtype), weight("k1", [2], dtype)];
  const [K2, k2] = [weight("K2", [3, 2, 3, 3], dtype), weight("k2", [3], dtype)];
  const [W, b] = [weight("W", [4, 3], dtype), weight("b", [4], dtype)];
  const first = averagePool(relu(conv2d<string>(x, K1, { bias: k1, padding: 1 })), [2, 2]);
  const second = maxPool(relu(conv2d<string>(first, K2, { bias: k2 })), [2, 2]);
  const J = mean(softmaxCrossEntropy(linear<string>(flatten(second, 1), W, b), y));
  const pairs = pairsOf(J, [K1, k1, K2, k2, W, b]);
  return graph({ outputs: { J }, updates: sgd(pairs, { learningRate: 0.1, momentum: 0.9, nesterov: true }) });
}

/**
 * One layer, its token weights used as those of the head too. Some biases have no effect: epsilon keeps Adam from making
 * steps of the rounding in their gradients.
 */
function gpt(dtype: Float): Graph {
  const [context, width, heads, vocabulary] = [4, 8, 2, 7];
  const x = input("x", [batch, context], "int32");
  const y = input("y", [batch, context], "int32");
  const [token, position] = [
    weight("token", [vocabulary, width], dtype),
    weight("position", [context, width], dtype),
  ];
  const [qkv, bqkv] = [weight("qkv", [3 * width, width], dtype), weight("bqkv", [3 * width], dtype)];
  const [out, up] = [weight("out", [width, width], dtype), weight("up", [2 * width, width], dtype)];
  const [down, g] = [weight("down", [width, 2 * width], dtype), weight("g", [width], dtype)];
  const perHead = (node: Node): Node =>
    transpose(reshape(node, [batch, context, heads, width / heads]), [0, 2, 1, 3]);
  const stream: Node = add<string>(gather<string>(token, x), position);
  const parts = split(
    linear<string>(layerNorm<string>(stream, { weight: g }), qkv, bqkv),
    [width, width, width],
    -1,
  );
  const [q = stream, k = stream, v = stream] = parts.map(perHead);
  const seen = scaledDotProductAttention(q, k, v, { causal: true });
  const joined = reshape(transpose(seen, [0, 2, 1, 3]), [batch, context, width]);
  const attended = add(stream, linear<string>(joined, out));
  const hidden = gelu(linear<string>(layerNorm(attended), up), "tanh");
  const o = matmul<string>(add(attended, linear<string>(hidden, down)), transpose(token));
  const J = mean(softmaxCrossEntropy(o, y));
  const pairs = clipByGlobalNorm(pairsOf(J, [token, position, qkv, bqkv, out, up, down, g]), 0.5);
  return graph({ outputs: { J }, updates: adamW(pairs, { learningRate: 0.01, epsilon: 1e-4 }) });
}

function embeddings(dtype: Float): Graph {
  const words = input("words", [batch, 3], "int32");
  const y = input("y", [batch], "int32");
  const [E, W] = [weight("E", [9, 4], dtype), weight("W", [3, 4], dtype)];
  const bag = sum(embedding<string>(E, words, { paddingIndex: 0 }), { axes: 1 });
  const J = mean(softmaxCrossEntropy(linear<string>(bag, W), y));
  return graph({ outputs: { J }, updates: adam(pairsOf(J, [E, W]), { learningRate: 0.01 }) });
}

/** Examples lie on the second axis, behind the steps. */
function recurrent(dtype: Float): Graph {
  const [steps, features, width] = [4, 3, 5];
  const xs = input("xs", [steps, batch, features], dtype);
  const y = input("y", [batch], "int32");
  const [Wi, Wh] = [weight("Wi", [4 * width, features], dtype), weight("Wh", [4 * width, width], dtype)];
  const [bi, W] = [weight("bi", [4 * width], dtype), weight("W", [3, width], dtype)];
  const hidden = input("h", [batch, width], dtype);
  const cell = parameter("c", [batch, width], undefined, { dtype, state: true });
  const layer = lstm<string>(xs, { hidden, cell }, { input: Wi, hidden: Wh, inputBias: bi });
  const J = mean(softmaxCrossEntropy(linear<string>(layer.state.hidden, W), y));
  const updates = sgd(pairsOf(J, [Wi, Wh, bi, W]), { learningRate: 0.1 });
  // What a stateful network carries on is one row per example.
  return graph({
    outputs: { J, seen: layer.outputs },
    updates: [...updates, { parameter: cell, value: layer.state.cell }],
  });
}

/** The mean is over the targets that are not ignored: their number is known only when all parts have counted. */
function ignoring(dtype: Float): Graph {
  const x = input("x", [batch, 3, 4], dtype);
  const y = input("y", [batch, 3], "int32");
  const [W1, W2] = [weight("W1", [5, 4], dtype), weight("W2", [3, 5], dtype)];
  const o = linear<string>(tanh(linear<string>(x, W1)), W2);
  const counted = sum(cast(notEqual(y, -1), dtype));
  const J = div(sum(softmaxCrossEntropy(o, y, { ignored: -1 })), counted);
  return graph({ outputs: { J, counted }, updates: sgd(pairsOf(J, [W1, W2]), { learningRate: 0.1 }) });
}

function dropping(dtype: Float): Graph {
  const x = input("x", [batch, 6], dtype);
  const y = input("y", [batch], "int32");
  const w = input("w", [batch], dtype);
  const [W1, W2] = [weight("W1", [5, 6], dtype), weight("W2", [3, 5], dtype)];
  const counter = stepCounter("steps", W1);
  const h = dropout<string>(relu(linear<string>(x, W1)), foldIn(randomKey(3), counter.step), 0.5);
  const J = mean(mul(w, softmaxCrossEntropy(linear<string>(h, W2), y)));
  return graph({
    outputs: { J, h },
    updates: [counter.update, ...sgd(pairsOf(J, [W1, W2]), { learningRate: 0.1 })],
  });
}

/** Rounded on the way forward, as if it had not been on the way back. */
function rounding(dtype: Float): Graph {
  const x = input("x", [batch, 4], dtype);
  const y = input("y", [batch, 3], dtype);
  const [W1, W2] = [weight("W1", [5, 4], dtype), weight("W2", [3, 5], dtype)];
  const h = linear<string>(x, W1);
  const rounded = customGradient<string>(
    (z = h) => mul(0.25, round(mul(4, z))),
    [h],
    ({ adjoint }) => [adjoint],
  );
  const J = mean(square(sub(linear<string>(rounded, W2), y)));
  return graph({ outputs: { J }, updates: sgd(pairsOf(J, [W1, W2]), { learningRate: 0.1 }) });
}

/** A step of steepest descent along a direction, as far as curvature says. */
function curvature(dtype: Float): Graph {
  const x = input("x", [batch, 4], dtype);
  const y = input("y", [batch], "int32");
  const [W1, W2] = [weight("W1", [5, 4], dtype), weight("W2", [3, 5], dtype)];
  const directions = [input("v1", [5, 4], dtype), input("v2", [3, 5], dtype)] as const;
  const J = add(
    mean(softmaxCrossEntropy(linear<string>(tanh(linear<string>(x, W1)), W2), y)),
    penaltyOf(W1, W2),
  );
  const [H1 = J, H2 = J] = hvp(J, [W1, W2], directions);
  const pairs = pairsOf(J, [W1, W2]);
  return graph({ outputs: { J, H1, H2 }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

export interface Model {
  readonly declare: (dtype: Float) => Graph;
  /** Where the default is not meant. */
  readonly batch?: Readonly<Record<string, number>>;
}

export const models: Readonly<Record<string, Model>> = {
  "textbook network": { declare: (dtype) => textbook(dtype, false) },
  "textbook network with bias": { declare: (dtype) => textbook(dtype, true) },
  "deep network, Adam": { declare: deep },
  "LeNet, momentum": { declare: lenet },
  "GPT, AdamW, clipped": { declare: gpt },
  "embedding, Adam": { declare: embeddings },
  "LSTM with state": { declare: recurrent, batch: { xs: 1, y: 0, h: 0 } },
  "ignored targets": { declare: ignoring },
  "dropout and weights per example": { declare: dropping },
  "custom gradient": { declare: rounding },
  "Hessian-vector product": { declare: curvature, batch: { x: 0, y: 0 } },
};

/** Elements for every input: of indices small ones, some of them -1 where targets are ignored. */
export function feedsOf(name: string, { inputs }: Graph): Record<string, number[]> {
  return Object.fromEntries(
    inputs.map((node, position) => {
      const at = (k: number): number => Math.sin((1 + k) * (2.3 + position) + k * k);
      const elements = Array.from({ length: sizeOf(node.shape) }, (_, k) => {
        if (node.dtype !== "int32") return at(k);
        return name === "ignored targets" && k % 5 === 2 ? -1 : Math.floor(1.5 * (1 + at(k)));
      });
      return [String(node.attributes["name"]), elements];
    }),
  );
}
