/** What a command differentiates, chosen by `--of`. It refuses to choose among several outputs. */

import { formatType, GradientError, type Graph, type Node } from "@adjoint/core";
import { UsageError } from "../errors.js";

/**
 * What an output, or any node, is called and is.
 * @throws UsageError where none or several outputs could be meant, NameError for what there is not, GradientError for no scalar.
 */
export function objectiveOf(graph: Graph, of: string | undefined): readonly [name: string, node: Node] {
  const chosen = chosenOf(graph, of);
  const [name, node] = chosen;
  if (node.shape.length === 0) return chosen;
  throw new GradientError(
    `"${name}", ${formatType(node)}, is not a scalar: choose one with --of, or reduce it with sum or mean first`,
    name,
  );
}

function chosenOf(graph: Graph, of: string | undefined): readonly [name: string, node: Node] {
  const outputs = Object.entries<Node>(graph.outputs);
  if (of !== undefined) {
    const found = outputs.find(([name]) => name === of);
    return found ?? [of, graph.node(of)];
  }
  const [only, ...others] = outputs;
  if (only === undefined)
    throw new UsageError("the graph has no output; say what to differentiate with --of");
  if (others.length > 0)
    throw new UsageError(
      `the graph has the outputs ${outputs.map(([name]) => name).join(", ")}: choose one with --of`,
    );
  return only;
}
