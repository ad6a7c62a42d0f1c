/** What evaluating a node costs, in scalar operations per element, as fusion weighs it against storing. */

import { type Graph, isComputed, type Lowering, type Node } from "@adjoint/core";
import { isOperation, postorder, type ScalarOp } from "@adjoint/core/kernel";

/** A value is evaluated again wherever it is used up to this cost. */
export const repeatable = 4;

/** Primitive operations that an operation expands to, about; 1 for those not listed. */
const expansions: Partial<Record<ScalarOp, number>> = {
  exp: 10,
  exp2: 10,
  expm1: 12,
  log: 12,
  log2: 12,
  log1p: 12,
  sin: 15,
  cos: 15,
  tan: 20,
  tanh: 15,
  atan: 15,
  atan2: 20,
  pow: 40,
  erf: 20,
  lgamma: 60,
  div: 3,
  sqrt: 3,
  rem: 5,
};

export function costOf(lowering: Lowering): number {
  if (!("loops" in lowering)) return 0;
  return postorder(lowering.loops.body).reduce(
    (total, scalar) => total + (isOperation(scalar) ? (expansions[scalar.op] ?? 1) : 0),
    1,
  );
}

/** The operands whose elements are used: `after` and `customGradient` have others. */
function operandsRead({ operands }: Node, lowering: Lowering): readonly Node[] {
  if (operands.length < 2 || !("loops" in lowering)) return operands;
  const { body, accesses } = lowering.loops;
  const computed = accesses.flatMap(({ index }) =>
    index.flatMap((part) => (isComputed(part) ? part.computed : [])),
  );
  const leaves = [body, ...computed].flatMap((scalar) => postorder(scalar));
  const read = new Set(leaves.flatMap((leaf) => (leaf.kind === "argument" ? leaf.index : [])));
  return operands.filter((_, position) => read.has(position));
}

/** Values that a few operations give from leaves: evaluated wherever they are used rather than kept. */
export function nearlyFree(graph: Graph, lowerings: ReadonlyMap<Node, Lowering>): Set<Node> {
  const costs = new Map<Node, number>();
  for (const node of graph.nodes) {
    const lowering = lowerings.get(node);
    if (lowering?.kind === "leaf") costs.set(node, 0);
    if (lowering === undefined || !["map", "view", "reshape"].includes(lowering.kind)) continue;
    const below = operandsRead(node, lowering).map(
      (operand) => costs.get(operand) ?? Number.POSITIVE_INFINITY,
    );
    const cost = below.reduce((total, part) => total + part, lowering.kind === "map" ? costOf(lowering) : 0);
    if (cost <= repeatable) costs.set(node, cost);
  }
  return new Set(costs.keys());
}
