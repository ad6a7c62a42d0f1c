/** Optimizers by name, for graphs that do not update their parameters themselves. It refuses to hold a method of its own. */

import { dtypes, graph as freeze, type Graph, type Node, type Update } from "@adjoint/core";
import { adagrad, adam, adamW, gradient, lion, type Pair, rmsProp, sgd } from "@adjoint/scheduler";

interface Optimizer {
  /** What it takes where nobody says. */
  readonly learningRate: number;
  readonly updates: (pairs: readonly Pair[], learningRate: number) => Update[];
}

export const optimizers = {
  sgd: { learningRate: 0.01, updates: (pairs, learningRate) => sgd(pairs, { learningRate }) },
  momentum: {
    learningRate: 0.01,
    updates: (pairs, learningRate) => sgd(pairs, { learningRate, momentum: 0.9 }),
  },
  adam: { learningRate: 0.001, updates: (pairs, learningRate) => adam(pairs, { learningRate }) },
  adamw: { learningRate: 0.001, updates: (pairs, learningRate) => adamW(pairs, { learningRate }) },
  rmsprop: { learningRate: 0.001, updates: (pairs, learningRate) => rmsProp(pairs, { learningRate }) },
  adagrad: { learningRate: 0.01, updates: (pairs, learningRate) => adagrad(pairs, { learningRate }) },
  lion: { learningRate: 0.0001, updates: (pairs, learningRate) => lion(pairs, { learningRate }) },
} as const satisfies Readonly<Record<string, Optimizer>>;

export type OptimizerName = keyof typeof optimizers;

/** The graph with an update of every weight that lowers the objective; its outputs stay. */
export function withUpdates(
  graph: Graph,
  objective: Node,
  optimizer: OptimizerName,
  learningRate: number,
): Graph {
  const weights = graph.parameters.filter(isWeight);
  const gradients = gradient(objective, weights);
  const pairs = weights.flatMap((weight, i): Pair[] => {
    const slope = gradients[i];
    return slope === undefined ? [] : [[weight, slope]];
  });
  return freeze({
    outputs: graph.outputs,
    updates: [...graph.updates, ...optimizers[optimizer].updates(pairs, learningRate)],
  });
}

/** A float parameter that is no state; parameters depend on no input. */
function isWeight(node: Node): node is Node<never> {
  const { op, dtype, attributes } = node;
  return op.name === "parameter" && dtypes[dtype].kind === "float" && attributes["state"] !== true;
}
