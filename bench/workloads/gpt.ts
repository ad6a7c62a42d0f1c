// W4: a character GPT: 4 layers of width 128 with 4 heads over 64 characters of 65, batch 16, AdamW.

import {
  add,
  gather,
  gelu,
  graph,
  layerNorm,
  linear,
  matmul,
  mean,
  type Node,
  reshape,
  scaledDotProductAttention,
  softmaxCrossEntropy,
  split,
  transpose,
} from "@adjoint/core";
import { adamW, gradient } from "@adjoint/scheduler";
import {
  filledWeight,
  inputOf,
  integers,
  parametersOf,
  type Weight,
  type Workload,
  weight,
} from "../workload.js";

export const gptSizes = { layers: 4, width: 128, heads: 4, context: 64, vocabulary: 65, batch: 16 } as const;
export const gptRate = 3e-4;
export const gptDecay = 0.01;

function weightsOf(layers: number): Readonly<Record<string, Weight>> {
  const { width, context, vocabulary } = gptSizes;
  const weights: { [name: string]: Weight } = {
    token: weight([vocabulary, width], 0.02, 1),
    position: weight([context, width], 0.02, 2),
  };
  for (let k = 0; k < layers; k++) {
    const matrix = (name: string, outputs: number, inputs: number, seed: number): void => {
      weights[`W${name}${k}`] = weight([outputs, inputs], 0.02, 10 * (k + 1) + seed);
      weights[`b${name}${k}`] = filledWeight([outputs]);
    };
    const norm = (name: string): void => {
      weights[`g${name}${k}`] = filledWeight([width], 1);
      weights[`b${name}${k}`] = filledWeight([width]);
    };
    norm("first");
    matrix("qkv", 3 * width, width, 1);
    matrix("out", width, width, 2);
    norm("second");
    matrix("up", 4 * width, width, 3);
    matrix("down", width, 4 * width, 4);
  }
  weights["glast"] = filledWeight([width], 1);
  weights["blast"] = filledWeight([width]);
  weights["head"] = weight([vocabulary, width], 0.02, 3);
  return weights;
}

/** How many layers the network with such weights has. */
export function layersOf(weights: Readonly<Record<string, unknown>>): number {
  return Object.keys(weights).filter((name) => name.startsWith("Wqkv")).length;
}

/** The logits [batch, context, vocabulary] of characters [batch, context]. */
function logits(x: Node, layers: number, at: (name: string) => Node): Node {
  const { width, heads, context } = gptSizes;
  const [batch = 0] = x.shape;
  const perHead = (node: Node): Node =>
    transpose(reshape(node, [batch, context, heads, width / heads]), [0, 2, 1, 3]);
  const norm = (node: Node, name: string): Node =>
    layerNorm(node, { weight: at(`g${name}`), bias: at(`b${name}`) });
  const dense = (node: Node, name: string): Node => linear(node, at(`W${name}`), at(`b${name}`));
  let stream = add(gather(at("token"), x), at("position"));
  for (let k = 0; k < layers; k++) {
    const parts = split(dense(norm(stream, `first${k}`), `qkv${k}`), [width, width, width], -1);
    const [q = stream, keys = stream, v = stream] = parts.map(perHead);
    const seen = scaledDotProductAttention(q, keys, v, { causal: true });
    const joined = reshape(transpose(seen, [0, 2, 1, 3]), [batch, context, width]);
    stream = add(stream, dense(joined, `out${k}`));
    const hidden = gelu(dense(norm(stream, `second${k}`), `up${k}`), "tanh");
    stream = add(stream, dense(hidden, `down${k}`));
  }
  return matmul(norm(stream, "last"), transpose(at("head")));
}

export function gpt(layers: number = gptSizes.layers, batch: number = gptSizes.batch): Workload {
  const { width, vocabulary, context } = gptSizes;
  const weights = weightsOf(layers);
  const feeds = {
    x: integers([batch, context], vocabulary, 5),
    y: integers([batch, context], vocabulary, 6),
  };
  return {
    name: "W4",
    family: "W4",
    title: `character GPT, ${layers} layers of ${width}, context ${context}, batch ${batch}, AdamW`,
    model: "gpt",
    weights,
    feeds,
    result: { output: "J" },
    tolerance: 1e-4,
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      const o = logits(inputOf("x", feeds.x, dtype), layers, at);
      const J = mean(softmaxCrossEntropy(o, inputOf("y", feeds.y, dtype)));
      const all = Object.keys(weights).map(at);
      const slopes = gradient(J, all);
      const pairs = all.map((node, position) => [node, slopes[position] ?? node] as const);
      const updates = adamW(pairs, { learningRate: gptRate, weightDecay: gptDecay });
      return graph({ outputs: { J }, updates });
    },
  };
}
