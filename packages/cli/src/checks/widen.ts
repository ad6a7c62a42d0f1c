/** A graph with float64 in place of every other float. It refuses to run it. */

import {
  type AttributeValue,
  createNode,
  dtypes,
  graph as freeze,
  type Graph,
  isDType,
  type Node,
} from "@adjoint/core";

export function widen(graph: Graph): Graph {
  const made = new Map<Node, Node>();
  const of = (node: Node): Node => made.get(node) ?? node;
  for (const node of graph.nodes) {
    const attributes = Object.entries(node.attributes).map(
      ([name, value]) => [name, node.op.attributes[name] === "dtype" ? wide(value) : value] as const,
    );
    made.set(node, createNode(node.op, node.operands.map(of), Object.fromEntries(attributes), node.label));
  }
  const outputs = Object.entries<Node>(graph.outputs).map(([name, node]) => [name, of(node)]);
  const updates = graph.updates.map(({ parameter, value }) => ({
    parameter: of(parameter),
    value: of(value),
  }));
  return freeze({ outputs: Object.fromEntries(outputs), updates });
}

function wide(value: AttributeValue): AttributeValue {
  return isDType(value) && dtypes[value].kind === "float" ? "float64" : value;
}
