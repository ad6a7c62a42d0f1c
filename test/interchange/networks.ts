/** Small networks with the labels that people give: what documents are made of in tests. */

import {
  add,
  constant,
  conv2d,
  div,
  embedding,
  filled,
  type Graph,
  gelu,
  graph,
  input,
  label,
  layerNorm,
  linear,
  matmul,
  maxPool,
  mean,
  mul,
  type Node,
  parameter,
  relu,
  reshape,
  scaledDotProductAttention,
  softmax,
  softmaxCrossEntropy,
  square,
  sum,
  tanh,
  transpose,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";

export interface TextbookOptions {
  /** A bias in the hidden layer. */
  readonly bias?: boolean;
  /** One example as a column, as the chapter writes it; rows of examples otherwise. */
  readonly column?: boolean;
}

/** The textbook's network: z = W1 x, h = φ(z), o = W2 h, L the cross-entropy, s = λ/2 (‖W1‖² + ‖W2‖²), J = L + s. */
export function textbook({ bias = false, column = false }: TextbookOptions = {}): Graph {
  const [n, d, h, q] = [2, 5, 4, 3];
  const W1 = parameter("W1", [h, d]);
  const W2 = parameter("W2", [q, h]);
  const x = input("x", column ? [d] : [n, d]);
  const y = input("y", column ? [] : [n], "int32");
  const layer = (values: Node, weights: Node): Node =>
    column ? matmul(weights, values) : matmul(values, transpose(weights));
  const product = layer(x, W1);
  const z = label(bias ? add(product, parameter("b1", [h])) : product, "z");
  const hidden = label(tanh(z), "h");
  const o = label(layer(hidden, W2), "o");
  const L = label(mean(softmaxCrossEntropy(o, y)), "L");
  const lambda = label(constant(0.1), "lambda");
  const s = label(mul(div(lambda, 2), add(sum(square(W1)), sum(square(W2)))), "s");
  return graph({ outputs: { J: add(L, s) } });
}

/** A convolution, a pool and two dense layers. */
export function lenet(): Graph {
  const x = input("x", [2, 1, 12, 12]);
  const y = input("y", [2], "int32");
  const kernel = add(conv2d(x, parameter("K1", [4, 1, 5, 5])), parameter("c1", [4, 1, 1]));
  const p = label(maxPool(label(relu(kernel), "a"), [2, 2]), "p");
  const hidden = linear(reshape(p, [2, 64]), parameter("W1", [10, 64]), parameter("b1", [10]));
  const o = label(linear(label(tanh(hidden), "h"), parameter("W2", [5, 10])), "o");
  return graph({ outputs: { J: mean(softmaxCrossEntropy(o, y)) } });
}

/** Attention and a feed-forward part over an embedding that also reads out. */
export function transformer(): Graph {
  const [length, width, words] = [6, 8, 11];
  const tokens = input("tokens", [length], "int32");
  const y = input("y", [length], "int32");
  const square = (name: string): Node => parameter(name, [width, width]);
  const E = parameter("E", [words, width]);
  const x = label(embedding(E, tokens), "x");
  const weight = parameter("gamma", [width]);
  const n = label(layerNorm(x, { axes: -1, weight, bias: parameter("beta", [width]) }), "n");
  const q = label(matmul(n, square("W_q")), "q");
  const k = label(matmul(n, square("W_k")), "k");
  const v = label(matmul(n, square("W_v")), "v");
  const A = label(softmax(mul(1 / Math.sqrt(width), matmul(q, transpose(k)))), "A");
  const u = label(add(x, matmul(matmul(A, v), square("W_o"))), "u");
  const f = label(gelu(linear(u, parameter("F1", [16, width])), "tanh"), "f");
  const r = label(add(u, linear(f, parameter("F2", [width, 16]))), "r");
  return graph({ outputs: { J: mean(softmaxCrossEntropy(matmul(r, transpose(E)), y)) } });
}

/** Blocks of attention and feed-forward parts, each in a scope of its own, in the way of names of PyTorch's modules. */
export function gpt(blocks = 2): Graph {
  const [length, width, heads, words] = [8, 12, 3, 27];
  const tokens = input("tokens", [length], "int32");
  const y = input("y", [length], "int32");
  let x: Node = add(embedding(parameter("wte", [words, width]), tokens), parameter("wpe", [length, width]));
  for (let k = 0; k < blocks; k++) {
    const name = (text: string): string => `block${k}.${text}`;
    const norm = (values: Node, own: string): Node =>
      layerNorm(values, {
        axes: -1,
        weight: parameter(name(`${own}.weight`), [width], filled(1)),
        bias: parameter(name(`${own}.bias`), [width]),
      });
    const split = (values: Node): Node =>
      transpose(reshape(values, [length, heads, width / heads]), [1, 0, 2]);
    const n = label(norm(x, "ln1"), name("ln1.n"));
    const [q, k_, v] = ["q", "k", "v"].map((each) =>
      label(
        split(matmul(n, parameter(name(`attention.W_${each}`), [width, width]))),
        name(`attention.${each}`),
      ),
    );
    if (q === undefined || k_ === undefined || v === undefined) throw new Error("three projections");
    const A = label(scaledDotProductAttention(q, k_, v, { causal: true }), name("attention.a"));
    const joined = reshape(transpose(A, [1, 0, 2]), [length, width]);
    const mixed = label(
      matmul(joined, parameter(name("attention.W_o"), [width, width])),
      name("attention.o"),
    );
    const u = label(add(x, mixed), name("u"));
    const wide = parameter(name("mlp.F1"), [4 * width, width]);
    const f = label(
      gelu(linear(label(norm(u, "ln2"), name("ln2.n")), wide, parameter(name("mlp.c1"), [4 * width]))),
      name("mlp.f"),
    );
    const narrow = parameter(name("mlp.F2"), [width, 4 * width]);
    const out = label(linear(f, narrow, parameter(name("mlp.c2"), [width])), name("mlp.r"));
    x = label(add(u, out), name("x"));
  }
  const o = label(linear(x, parameter("head.weight", [words, width])), "o");
  return graph({ outputs: { J: mean(softmaxCrossEntropy(o, y)) } });
}

/** The output of a network and its derivatives by all parameters, as one graph. */
export function withGradients(network: Graph): Graph {
  const [J] = Object.values<Node>(network.outputs);
  if (J === undefined) throw new Error("a network has an output");
  const grads = gradient(J, network.parameters).map((node, position): [string, Node] => [
    `d${network.parameters[position]?.label ?? position}`,
    node,
  ]);
  return graph({ outputs: { J, ...Object.fromEntries(grads) } });
}
