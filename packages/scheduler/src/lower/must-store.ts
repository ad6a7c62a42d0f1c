/** The signal by which building a kernel refuses a node. */

import type { Node } from "@adjoint/core";

/** Thrown when a node inside a cluster cannot be evaluated there: `fuse` stores it and builds again. */
export class MustStore extends Error {
  readonly node: Node;

  constructor(node: Node) {
    super(`${String(node)} must be stored.`);
    this.node = node;
  }
}
