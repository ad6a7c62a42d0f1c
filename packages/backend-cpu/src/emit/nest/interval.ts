/** Between which values a node lies whatever is loaded, NaN aside: by the bounds that it applies itself. It refuses to look deep. */

import type { Node, OperationNode } from "./node.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const anything: Interval = { low: -Infinity, high: Infinity };
/** Operations looked through: bounds stand close to what needs them. */
const deepest = 8;

export function intervalOf(node: Node, depth = deepest): Interval {
  if (node.kind === "constant") return { low: node.value, high: node.value };
  if (node.kind !== "operation" || depth === 0) return anything;
  return ofOperation(
    node,
    node.inputs.map((input) => intervalOf(input, depth - 1)),
  );
}

function ofOperation({ op }: OperationNode, [a = anything, b = anything]: readonly Interval[]): Interval {
  switch (op) {
    case "min":
      return { low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) };
    case "max":
      return { low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
    case "abs":
      return { low: Math.max(0, a.low, -a.high), high: Math.max(-a.low, a.high) };
    case "mul": {
      const products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
      if (products.some(Number.isNaN)) return anything;
      return { low: Math.min(...products), high: Math.max(...products) };
    }
    default:
      return anything;
  }
}
