/** The networks of the training references as graphs: parameters by PyTorch's names, mean cross-entropy as loss. */

import {
  add,
  averagePool,
  batchNormTraining,
  cast,
  conv2d,
  type DType,
  div,
  embedding,
  gelu,
  input,
  layerNorm,
  linear,
  maxPool,
  mean,
  type Node,
  notEqual,
  parameter,
  relu,
  reshape,
  scaledDotProductAttention,
  softmaxCrossEntropy,
  split,
  sum,
  tanh,
  transpose,
  type Update,
  values,
} from "@adjoint/core";

/** A stored tensor, such as a parameter's initial value or a batch. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

export type StoredRecord = Readonly<Record<string, Stored>>;

export interface Model {
  readonly loss: Node;
  /** What is trained. */
  readonly parameters: readonly Node<never>[];
  /** Running statistics. */
  readonly updates: readonly Update[];
}

/** A network from its parameters and a batch "x", "y". */
type Declare = (weight: (name: string) => Node<never>, x: Node, y: Node) => Omit<Model, "parameters">;

function mlp(weight: (name: string) => Node<never>, x: Node, y: Node): Omit<Model, "parameters"> {
  const flat = reshape(x, [-1, 784]);
  const hidden = relu(linear(flat, weight("fc1.weight"), weight("fc1.bias")));
  const logits = linear(hidden, weight("fc2.weight"), weight("fc2.bias"));
  return { loss: mean(softmaxCrossEntropy(logits, y)), updates: [] };
}

function lenet(weight: (name: string) => Node<never>, x: Node, y: Node): Omit<Model, "parameters"> {
  const normalized = (node: Node, name: string) =>
    batchNormTraining(node, {
      weight: weight(`${name}.weight`),
      bias: weight(`${name}.bias`),
      running: { mean: weight(`${name}.running_mean`), variance: weight(`${name}.running_var`) },
    });
  const first = normalized(conv2d(x, weight("c1.weight"), { bias: weight("c1.bias"), padding: 2 }), "b1");
  const pooled = averagePool(relu(first.output), [2, 2]);
  const second = normalized(conv2d(pooled, weight("c2.weight"), { bias: weight("c2.bias") }), "b2");
  const flat = reshape(maxPool(tanh(second.output), [2, 2]), [-1, 400]);
  const hidden = relu(linear(flat, weight("f1.weight"), weight("f1.bias")));
  const logits = linear(hidden, weight("f2.weight"), weight("f2.bias"));
  return { loss: mean(softmaxCrossEntropy(logits, y)), updates: [...first.updates, ...second.updates] };
}

const heads = 4;

function attention(x: Node, weight: (name: string) => Node<never>, block: string): Node {
  const [batch = 0, length = 0, width = 0] = x.shape;
  const joint = linear(x, weight(`${block}.qkv.weight`), weight(`${block}.qkv.bias`));
  const [q, k, v] = split(joint, 3, -1).map((part) =>
    transpose(reshape(part, [batch, length, heads, width / heads]), [0, 2, 1, 3]),
  );
  if (q === undefined || k === undefined || v === undefined) throw new Error("three parts");
  const mixed = scaledDotProductAttention(q, k, v, { causal: true });
  const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, length, width]);
  return linear(merged, weight(`${block}.pr.weight`), weight(`${block}.pr.bias`));
}

function gpt(weight: (name: string) => Node<never>, x: Node, y: Node): Omit<Model, "parameters"> {
  const normalized = (node: Node, name: string): Node =>
    layerNorm(node, { weight: weight(`${name}.weight`), bias: weight(`${name}.bias`) });
  let signal: Node = add<string>(embedding<string>(weight("te.weight"), x), weight("pe"));
  for (const block of ["bl.0", "bl.1"]) {
    signal = add(signal, attention(normalized(signal, `${block}.l1`), weight, block));
    const wide = gelu(
      linear(normalized(signal, `${block}.l2`), weight(`${block}.f1.weight`), weight(`${block}.f1.bias`)),
      "tanh",
    );
    signal = add(signal, linear(wide, weight(`${block}.f2.weight`), weight(`${block}.f2.bias`)));
  }
  const logits = linear<string>(normalized(signal, "ln"), weight("hd.weight"));
  const losses = softmaxCrossEntropy(logits, y, { ignored: -1 });
  const counted = sum(cast(notEqual(y, -1), losses.dtype));
  return { loss: div(sum(losses), counted), updates: [] };
}

const networks = { mlp, lenet_bn: lenet, gpt } as const satisfies Record<string, Declare>;

export type ModelName = keyof typeof networks;

export const modelNames: readonly ModelName[] = ["mlp", "lenet_bn", "gpt"];

/** A network of a dtype with given initial values, for batches of the shapes of one. */
export function declareModel(
  name: ModelName,
  initial: StoredRecord,
  batch: { x: Stored; y: Stored },
  dtype: DType,
): Model {
  const known = new Map<string, Node<never>>();
  for (const [label, { shape, data }] of Object.entries(initial)) {
    known.set(label, parameter(label, shape, values(Array.from(data, Number)), { dtype }));
  }
  const weight = (label: string): Node<never> => {
    const node = known.get(label);
    if (node === undefined) throw new Error(`the reference has no parameter ${label}`);
    return node;
  };
  const x = input("x", batch.x.shape, name === "gpt" ? "int32" : dtype);
  const { loss, updates } = networks[name](weight, x, input("y", batch.y.shape, "int32"));
  const running = new Set<Node>(updates.map((update) => update.parameter));
  return { loss, updates, parameters: [...known.values()].filter((node) => !running.has(node)) };
}
