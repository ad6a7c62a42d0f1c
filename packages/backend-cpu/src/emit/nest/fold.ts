/**
 * Operations whose result is known from the extents of the loops, or is one of their operands, and divisions of positions by powers
 * of two. What windows and slices compute about positions mostly vanishes here. It refuses to touch numbers with fractions.
 */

import type { ScalarOp } from "@adjoint/core/kernel";
import { type Interval, intervalOf } from "./interval.js";
import type { Node } from "./node.js";

/** What an operation can be replaced with. */
export type Folded =
  | { readonly kind: "node"; readonly node: Node }
  | { readonly kind: "constant"; readonly value: number }
  /** An operation on the first operand and an integer. */
  | { readonly kind: "simpler"; readonly op: "shr" | "and"; readonly by: number };

export function fold(op: ScalarOp, inputs: readonly Node[], extents: readonly number[]): Folded | undefined {
  const [first, second, third] = inputs;
  if (first === undefined || second === undefined) return undefined;
  if (op === "select") {
    if (first.kind !== "constant" || third === undefined) return undefined;
    return { kind: "node", node: first.value !== 0 ? second : third };
  }
  if (first.dtype === "bool") return op === "and" || op === "or" ? foldBool(op, first, second) : undefined;
  if (first.dtype !== "int32") return undefined;
  const [a, b] = [intervalOf(first, extents), intervalOf(second, extents)];
  if (op === "lt" || op === "le" || op === "eq") return foldComparison(op, a, b);
  if ((op !== "div" && op !== "rem") || a.low < 0 || b.low !== b.high || b.low <= 0) return undefined;
  if (a.high < b.low) return op === "div" ? { kind: "constant", value: 0 } : { kind: "node", node: first };
  const power = Math.log2(b.low);
  if (!Number.isInteger(power)) return undefined;
  return op === "div"
    ? { kind: "simpler", op: "shr", by: power }
    : { kind: "simpler", op: "and", by: b.low - 1 };
}

function foldBool(op: "and" | "or", first: Node, second: Node): Folded | undefined {
  // What leaves the other operand as it is.
  const neutral = op === "and";
  for (const [node, other] of [
    [first, second],
    [second, first],
  ] as const) {
    if (node.kind === "constant")
      return { kind: "node", node: (node.value !== 0) === neutral ? other : node };
  }
  return undefined;
}

function foldComparison(op: "lt" | "le" | "eq", a: Interval, b: Interval): Folded | undefined {
  const constant = (value: number): Folded => ({ kind: "constant", value });
  switch (op) {
    case "lt":
      if (a.high < b.low) return constant(1);
      return a.low >= b.high ? constant(0) : undefined;
    case "le":
      if (a.high <= b.low) return constant(1);
      return a.low > b.high ? constant(0) : undefined;
    case "eq":
      return a.high < b.low || a.low > b.high ? constant(0) : undefined;
  }
}
