/** A graph for graphology's programs: names, and attributes that are text and numbers. It refuses to be read back as a graph. */

import { formatShape, type Graph } from "@adjoint/core";
import { MultiDirectedGraph } from "graphology";

/** What is known of a node. */
export interface PlainNode {
  readonly label: string;
  readonly op: string;
  readonly dtype: string;
  /** The shape as text, such as "[32, 10]". */
  readonly extents: string;
  readonly derivativeOrder: number;
  readonly role: "input" | "parameter" | "output" | "value";
}

export interface PlainEdge {
  /** Which operand of the target the source is. */
  readonly position: number;
}

/** The graph as data: a node per name, an edge per operand, from it to its user. */
export function toGraphology(graph: Graph): MultiDirectedGraph<PlainNode, PlainEdge> {
  const plain = new MultiDirectedGraph<PlainNode, PlainEdge>();
  const outputs = new Set(Object.values(graph.outputs));
  for (const node of graph.nodes) {
    const { op, dtype, shape, derivativeOrder } = node;
    const name = graph.nameOf(node);
    const leaf = op.name === "input" || op.name === "parameter" ? op.name : undefined;
    const role = leaf ?? (outputs.has(node) ? "output" : "value");
    plain.addNode(name, {
      label: name,
      op: op.name,
      dtype,
      extents: formatShape(shape),
      derivativeOrder,
      role,
    });
  }
  for (const node of graph.nodes) {
    const target = graph.nameOf(node);
    for (const [position, operand] of node.operands.entries()) {
      plain.addEdgeWithKey(`${target} ${position}`, graph.nameOf(operand), target, { position });
    }
  }
  return plain;
}
