/** Why a step is not computed in micro-batches. It refuses to be thrown for anything else. */

import { AdjointError, type Node } from "@adjoint/core";

/**
 * `batch`: no input, or no agreed extent, to divide. `count`: a number of micro-batches that does not divide the batch.
 * `mixing`: a node that needs several examples at once.
 */
export type MicroBatchObstacle = "batch" | "count" | "mixing";

/** A step that cannot be computed in so many micro-batches; the address is the printed node concerned. */
export class MicroBatchError extends AdjointError {
  readonly obstacle: MicroBatchObstacle;
  /** The input that is not divided or the node that mixes examples; undefined where no node is at fault. */
  readonly node: Node | undefined;

  constructor(obstacle: MicroBatchObstacle, message: string, node?: Node) {
    super(message, node === undefined ? undefined : String(node));
    this.obstacle = obstacle;
    this.node = node;
  }
}
