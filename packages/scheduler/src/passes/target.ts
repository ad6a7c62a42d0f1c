/** What a target refuses: dtypes that it lacks, before planning; tensors too large for it, after. It refuses to plan. */

import { DTypeError, type Graph, MemoryError, type Node } from "@adjoint/core";
import type { Target } from "../backend/backend.js";
import type { Plan } from "../plan/plan.js";

/** @throws MemoryError for a tensor that is larger than the target allows. */
export function checkSizes({ buffers }: Plan, { name, limits }: Target): void {
  if (limits === undefined) return;
  const refused = buffers.find(({ bytes }) => bytes > limits.bufferBytes);
  if (refused !== undefined) {
    const nodes = refused.nodes.join(", ");
    throw new MemoryError(
      `${nodes} takes ${refused.bytes} bytes; a buffer of ${name} has at most ${limits.bufferBytes}: use smaller batches.`,
      refused.bytes,
    );
  }
}

/** @throws DTypeError for a node whose dtype the target lacks. */
export function checkDTypes(graph: Graph, { name: target, dtypes: supported }: Target): void {
  const refused = graph.nodes.find((node: Node) => !supported.includes(node.dtype));
  if (refused !== undefined) {
    throw new DTypeError(
      `${String(refused)}: ${target} has no ${refused.dtype}; use ${supported.join(", ")}.`,
      graph.nameOf(refused),
    );
  }
}
