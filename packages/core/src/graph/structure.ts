/** The graphology view of a graph, so that every graphology algorithm, exporter and viewer works on it. */

import { MultiDirectedGraph } from "graphology";
import type { Node } from "./node.js";

export interface NodeAttributes {
  readonly node: Node;
}

export interface EdgeAttributes {
  /** Which operand of the target the source is. */
  readonly position: number;
}

export function structureOf(
  nodes: readonly Node[],
  nameOf: (node: Node) => string,
): MultiDirectedGraph<NodeAttributes, EdgeAttributes> {
  const structure = new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
  for (const node of nodes) structure.addNode(nameOf(node), { node });
  for (const node of nodes) {
    for (const [position, operand] of node.operands.entries()) {
      structure.addDirectedEdge(nameOf(operand), nameOf(node), { position });
    }
  }
  return structure;
}
