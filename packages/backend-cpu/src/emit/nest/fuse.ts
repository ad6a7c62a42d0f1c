/**
 * Multiply-adds: a product that only the addition of a constant uses becomes a part of it, where the engine has the fused
 * instruction: Horner's rule. Other sums stay as they are: x − mean(x) must be 0 where all x are equal, which it is not when
 * the product in the mean is not rounded. It refuses to fuse anything else.
 */

import { dtypes } from "@adjoint/core";
import type { Nest, NestStage } from "./nest.js";
import { inputsOfNode, type LoadNode, type Node, type OperationNode, postorderOfNodes } from "./node.js";

export function fuseMultiplyAdds(nest: Nest): Nest {
  const all = new Set(nest.stages.flatMap(({ nodes }) => nodes));
  const uses = new Map<Node, number>();
  const use = (node: Node): void => {
    uses.set(node, (uses.get(node) ?? 0) + 1);
  };
  for (const node of all) for (const input of inputsOfNode(node)) use(input);
  for (const { roots } of nest.stages) for (const root of roots) use(root);
  const replaced = new Map<Node, Node>();
  const now = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of postorderOfNodes([...all])) {
    const rebuilt = rebuild(node, now);
    replaced.set(node, rebuilt.kind === "operation" ? (fused(node, rebuilt, uses) ?? rebuilt) : rebuilt);
  }
  return { ...nest, stages: nest.stages.map((stage) => rebuildStage(stage, now)) };
}

/** add(mul(a, b), c) as a · b + c for a constant c. */
function fused(old: Node, node: OperationNode, uses: ReadonlyMap<Node, number>): Node | undefined {
  if (old.kind !== "operation" || node.op !== "add" || dtypes[node.dtype].kind !== "float") return undefined;
  const at = node.inputs.findIndex((input) => input.kind === "operation" && input.op === "mul");
  const [product, before, rest] = [node.inputs[at], old.inputs[at], node.inputs[1 - at]];
  if (product?.kind !== "operation" || before === undefined || rest?.kind !== "constant") return undefined;
  return uses.get(before) === 1 ? { ...node, op: "madd", inputs: [...product.inputs, rest] } : undefined;
}

function rebuild(node: Node, now: (node: Node) => Node): Node {
  switch (node.kind) {
    case "operation":
      return { ...node, inputs: node.inputs.map(now) };
    case "load":
      return rebuildPlace(node, now);
    case "inside":
      return { ...node, index: now(node.index) };
    default:
      return node;
  }
}

function rebuildPlace<P extends Pick<LoadNode, "indirect" | "guards">>(
  place: P,
  now: (node: Node) => Node,
): P {
  return {
    ...place,
    indirect: place.indirect.map((part) => ({ ...part, index: now(part.index) })),
    guards: place.guards.map((guard) => {
      const found = now(guard);
      return found.kind === "within" || found.kind === "inside" ? found : guard;
    }),
  };
}

function rebuildStage(stage: NestStage, now: (node: Node) => Node): NestStage {
  const roots = stage.roots.map(now);
  return {
    ...stage,
    accumulators: stage.accumulators.map((accumulator) => ({
      ...accumulator,
      value: now(accumulator.value),
    })),
    stores: stage.stores.map((store) => ({ ...rebuildPlace(store, now), value: now(store.value) })),
    roots,
    nodes: postorderOfNodes(roots),
  };
}
