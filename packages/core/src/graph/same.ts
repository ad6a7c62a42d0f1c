/** Equality of graphs: names, ops, attributes, types, outputs and updates, in order. It refuses to compare what they compute. */

import type { AttributeKind } from "./attributes.js";
import type { Graph } from "./graph.js";
import type { Node } from "./node.js";

/** Whether two graphs print equally. Labels count as far as nodes are named after them. */
export function sameGraph(a: Graph, b: Graph): boolean {
  const sameName = (x: Node, y: Node | undefined): boolean => y !== undefined && a.nameOf(x) === b.nameOf(y);
  const outputs = Object.entries<Node>(b.outputs);
  return (
    a === b ||
    (a.nodes.length === b.nodes.length &&
      Object.keys(a.outputs).length === outputs.length &&
      a.updates.length === b.updates.length &&
      a.nodes.every((x, position) => sameNode(x, b.nodes[position], sameName)) &&
      Object.entries<Node>(a.outputs).every(([name, node], position) => {
        const [otherName, other] = outputs[position] ?? [];
        return name === otherName && sameName(node, other);
      }) &&
      a.updates.every(({ parameter, value }, position) => {
        const other = b.updates[position];
        return sameName(parameter, other?.parameter) && sameName(value, other?.value);
      }))
  );
}

function sameNode(
  x: Node,
  y: Node | undefined,
  sameName: (x: Node, y: Node | undefined) => boolean,
): boolean {
  return (
    y !== undefined &&
    x.op === y.op &&
    x.dtype === y.dtype &&
    sameIntegers(x.shape, y.shape) &&
    x.derivativeOrder === y.derivativeOrder &&
    sameName(x, y) &&
    x.operands.length === y.operands.length &&
    x.operands.every((operand, position) => sameName(operand, y.operands[position])) &&
    Object.entries(x.op.attributes).every(([name, kind]) =>
      sameAttribute(kind, x.attributes[name], y.attributes[name]),
    )
  );
}

/** Numbers must be the same float64; integers have no -0. */
function sameAttribute(kind: AttributeKind, x: unknown, y: unknown): boolean {
  return kind === "integer" || kind === "integers" ? sameIntegers(x, y) : sameValue(x, y);
}

function sameIntegers(x: unknown, y: unknown): boolean {
  return String(x) === String(y);
}

function sameValue(x: unknown, y: unknown): boolean {
  if (typeof x !== "object" || typeof y !== "object" || x === null || y === null) return Object.is(x, y);
  const entries = Object.entries(x);
  const others = new Map<string, unknown>(Object.entries(y));
  return entries.length === others.size && entries.every(([key, value]) => sameValue(value, others.get(key)));
}
