/** Which nodes of a computation have a line of their own: those with labels, and those that would be too long to write out. */

import { type Node, reachable } from "@adjoint/core";
import { activations } from "./functions.js";

/** Ops that only move elements: written as their operand, so never worth a name. */
const transparent = new Set([
  "reshape",
  "broadcastTo",
  "cast",
  "copy",
  "after",
  "stopGradient",
  "transpose",
  "constant",
  "iota",
]);

/** Ops whose derivatives are written with their results. */
const kept = new Set([...activations, "exp", "sqrt", "rsqrt", "softmax", "logSoftmax"]);

/** As many ops as one line may hold. */
const longest = 8;

/** Every node that `given` names, and the unnamed ones that are used twice or hold too many ops, operands first. */
export function withLines(roots: readonly Node[], given: (node: Node) => boolean): Set<Node> {
  const order = reachable(roots);
  const users = new Map<Node, number>();
  for (const node of order) {
    for (const operand of new Set(node.operands)) users.set(operand, (users.get(operand) ?? 0) + 1);
  }
  const activated = new Set(order.flatMap(({ op, operands }) => (activations.has(op.name) ? operands : [])));
  const lines = new Set<Node>();
  const sizes = new Map<Node, number>();
  for (const node of order) {
    const moved = transparent.has(node.op.name);
    const size = node.operands.reduce((total, operand) => total + (sizes.get(operand) ?? 0), moved ? 0 : 1);
    const worth =
      (users.get(node) ?? 0) > 1 ||
      size > longest ||
      (kept.has(node.op.name) && size > 1) ||
      activated.has(node);
    const isLine = given(node) || (!moved && node.operands.length > 0 && worth);
    if (isLine) lines.add(node);
    sizes.set(node, isLine ? 0 : size);
  }
  return lines;
}
