/** Optimizers by name, for graphs that do not update their parameters themselves. It refuses to hold a method of its own. */

import { dtypes, graph as freeze, type Graph, type Node, type Update } from "@adjoint/core";
import { adagrad, adam, adamW, gradient, lion, type Pair, rmsProp, sgd } from "@adjoint/scheduler";

export const optimizers = {
  sgd: (pairs, learningRate) => sgd(pairs, { learningRate }),
  momentum: (pairs, learningRate) => sgd(pairs, { learningRate, momentum: 0.9 }),
  adam: (pairs, learningRate) => adam(pairs, { learningRate }),
  adamw: (pairs, learningRate) => adamW(pairs, { learningRate }),
  rmsprop: (pairs, learningRate) => rmsProp(pairs, { learningRate }),
  adagrad: (pairs, learningRate) => adagrad(pairs, { learningRate }),
  lion: (pairs, learningRate) => lion(pairs, { learningRate }),
} as const satisfies Readonly<Record<string, (pairs: readonly Pair[], learningRate: number) => Update[]>>;

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
    updates: [...graph.updates, ...optimizers[optimizer](pairs, learningRate)],
  });
}

/** A float parameter that is no state; parameters depend on no input. */
function isWeight(node: Node): node is Node<never> {
  const { op, dtype, attributes } = node;
  return op.name === "parameter" && dtypes[dtype].kind === "float" && attributes["state"] !== true;
}
