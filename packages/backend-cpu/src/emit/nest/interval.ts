/**
 * Between which values a node lies whatever is loaded, NaN aside: by the bounds that it applies itself, and by the extents of the
 * loops. It refuses to look deep.
 */

import type { Node, OperationNode } from "./node.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const anything: Interval = { low: -Infinity, high: Infinity };
/** Operations looked through: bounds stand close to what needs them. */
const deepest = 8;

/** Operations whose results are not among what they are given: beyond their range, integers wrap. */
const computing: ReadonlySet<string> = new Set(["add", "sub", "mul", "abs"]);

/** `extents` are those of all axes. */
export function intervalOf(node: Node, extents: readonly number[], depth = deepest): Interval {
  if (node.kind === "constant") return { low: node.value, high: node.value };
  if (node.kind === "coordinate") return { low: 0, high: (extents[node.axis] ?? 1) - 1 };
  if (node.kind !== "operation" || depth === 0) return anything;
  const inputs = node.inputs.map((input) => intervalOf(input, extents, depth - 1));
  const interval = ofOperation(node, inputs);
  const wraps = node.dtype === "int32" && computing.has(node.op);
  return wraps && (interval.low < -(2 ** 31) || interval.high >= 2 ** 31) ? anything : interval;
}

function ofOperation(
  { op, dtype }: OperationNode,
  [a = anything, b = anything]: readonly Interval[],
): Interval {
  const integer = dtype === "int32";
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
    case "add":
      return integer ? { low: a.low + b.low, high: a.high + b.high } : anything;
    case "sub":
      return integer ? { low: a.low - b.high, high: a.high - b.low } : anything;
    case "div":
      if (!integer || a.low < 0 || b.low !== b.high || b.low <= 0) return anything;
      return { low: Math.floor(a.low / b.low), high: Math.floor(a.high / b.low) };
    case "rem":
      if (!integer || a.low < 0 || b.low !== b.high || b.low <= 0) return anything;
      return { low: 0, high: Math.min(a.high, b.low - 1) };
    default:
      return anything;
  }
}
