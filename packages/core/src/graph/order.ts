/** Collects what roots depend on, before there is a graph to ask. It refuses to schedule. */

import type { Node } from "./node.js";

/** Every node reachable from the roots once, operands before users, in the order of a left-to-right traversal; stops at `known`. */
export function reachable(roots: readonly Node[], known: ReadonlySet<Node> = new Set()): Node[] {
  const order: Node[] = [];
  const entered = new Set<Node>();
  const stack: { readonly node: Node; next: number }[] = [];
  for (const root of roots) {
    if (entered.has(root) || known.has(root)) continue;
    entered.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined) break;
      const operand = top.node.operands[top.next];
      top.next += 1;
      if (operand === undefined) {
        stack.pop();
        order.push(top.node);
      } else if (!entered.has(operand) && !known.has(operand)) {
        entered.add(operand);
        stack.push({ node: operand, next: 0 });
      }
    }
  }
  return order;
}
