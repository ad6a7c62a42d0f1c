/** Reshapes share the storage of what they reshape. */

import type { Node } from "@adjoint/core";

/** The node whose buffer a node is stored in: itself, or what lies below its reshapes. */
export function baseOf(node: Node): Node {
  let base = node;
  while (base.op.name === "reshape" && base.operands[0] !== undefined) base = base.operands[0];
  return base;
}
