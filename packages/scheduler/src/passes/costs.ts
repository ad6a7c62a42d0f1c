/** What evaluating a node costs, in scalar operations per element, as fusion weighs it against storing. */

import { type Graph, isComputed, type Lowering, type Node } from "@adjoint/core";
import {
  isOperation,
  type Kernel,
  postorder,
  rootsOf,
  type ScalarOp,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";

/** A value is evaluated again wherever it is used up to this cost. */
export const repeatable = 4;

/** A kernel evaluates at most this many scalar operations per element: beyond, registers spill and compilers slow down. */
export const maximalCost = 160;

/** Nodes lie at most this deep inside a kernel: building one nests as deep. */
export const maximalDepth = 100;

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

/** What moving an element between memory and a kernel takes, in scalar operations, about. */
export const traffic = 8;

/** What a run of a kernel takes, in scalar operations, about: those it executes, and the elements it moves. */
export function timeOf(kernel: Kernel): number {
  return workOf(kernel) + traffic * movedBy(kernel);
}

/** Elements that a kernel reads and writes, each once. */
function movedBy({ buffers }: Kernel): number {
  return buffers.reduce((elements, { size }) => elements + size, 0);
}

function workOf({ axes, stages }: Kernel): number {
  const points = axes.reduce((product, { extent }) => product * extent, 1);
  return stages.reduce((total, stage) => {
    const inner = stage.axes.reduce((product, extent) => product * extent, 1);
    return total + points * inner * bodyCost(stage);
  }, 0);
}

/** Scalar operations of one point of a stage. */
export function bodyCost(stage: Stage): number {
  return scalarsOf(rootsOf(stage)).reduce(
    (total, scalar) => total + (isOperation(scalar) ? (expansions[scalar.op] ?? 1) : 0),
    stage.accumulators.length,
  );
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
