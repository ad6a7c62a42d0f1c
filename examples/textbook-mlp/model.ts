// The textbook's network with one hidden layer and L2 regularization, as graphs: what trains it and what uses it.
// Rows are examples: Z = X W1ᵀ, H = φ(Z), O = H W2ᵀ, J = mean cross-entropy + λ/2 (‖W1‖² + ‖W2‖²).

import {
  add,
  type Graph,
  graph,
  input,
  label,
  matmul,
  mean,
  mul,
  type Node,
  normal,
  parameter,
  relu,
  sigmoid,
  softmaxCrossEntropy,
  softplus,
  square,
  sum,
  tanh,
  transpose,
} from "@adjoint/core";
import { gradient, sgd } from "@adjoint/scheduler";
import { classes, pixels } from "./dataset.js";
import type { Options } from "./options.js";

/** What the network and its training are made of. */
export type Settings = Pick<Options, "activation" | "batch" | "hidden" | "lambda" | "learningRate" | "seed">;

export interface Model {
  /** Forward propagation alone: the objective. */
  readonly forward: Graph<"x" | "y", "J">;
  /** What backpropagation adds: the gradients. */
  readonly adjoint: Graph<"x" | "y", "dW1" | "dW2">;
  /** One step of gradient descent. */
  readonly train: Graph<"x" | "y", "J">;
  /** Scores of `count` images without labels. */
  predict(count: number): Graph<"x", "o">;
}

const activations = { relu, tanh, sigmoid, softplus };

/** Declares the network; nothing is computed. */
export function declareModel({ activation, batch, hidden, lambda, learningRate, seed }: Settings): Model {
  const std = { W1: Math.sqrt(2 / pixels), W2: Math.sqrt(2 / hidden) };
  const W1 = parameter("W1", [hidden, pixels], normal({ std: std.W1, seed: 2 * seed }));
  const W2 = parameter("W2", [classes, hidden], normal({ std: std.W2, seed: 2 * seed + 1 }));
  const scores = <Feeds extends string>(x: Node<Feeds>): Node<Feeds> => {
    const z = label(matmul(x, transpose(W1)), "z");
    const h = label(activations[activation](z), "h");
    return label(matmul(h, transpose(W2)), "o");
  };

  const x = input("x", [batch, pixels]);
  const y = input("y", [batch], "int32");
  const L = label(mean(softmaxCrossEntropy(scores(x), y)), "L");
  const s = label(mul(lambda / 2, add(sum(square(W1)), sum(square(W2)))), "s");
  const J = add(L, s);
  const [dW1, dW2] = gradient(J, [W1, W2]);
  const updates = sgd(
    [
      [W1, dW1],
      [W2, dW2],
    ],
    { learningRate },
  );
  return {
    forward: graph({ outputs: { J } }),
    adjoint: graph({ outputs: { dW1, dW2 } }),
    train: graph({ outputs: { J }, updates }),
    predict: (count) => graph({ outputs: { o: scores(input("x", [count, pixels])) } }),
  };
}
