/** Which way values flow: forward values to the right, derivatives by them back, derivatives by those to the right again. */

import type { Graph, Node } from "@adjoint/core";
import { differentiatedBy } from "../scope.js";

export type Heading = 1 | -1;

/** Named derivatives head against what they are by, the others as what they are used for; the order decides without either. */
export function headingsOf(graph: Graph): ReadonlyMap<Node, Heading> {
  const headings = new Map<Node, Heading>();
  const byUsers = new Map<Node, Heading>();
  for (const node of [...graph.nodes].reverse()) {
    const heading =
      headingOf(graph.nameOf(node)) ?? byUsers.get(node) ?? (node.derivativeOrder % 2 === 0 ? 1 : -1);
    headings.set(node, heading);
    for (const operand of node.operands)
      if (operand.derivativeOrder === node.derivativeOrder) byUsers.set(operand, heading);
  }
  return headings;
}

function headingOf(name: string): Heading | undefined {
  const below = differentiatedBy(name);
  if (below === undefined) return undefined;
  return headingOf(below) === -1 ? 1 : -1;
}
