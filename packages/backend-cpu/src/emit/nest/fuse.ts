/**
 * Multiply-adds: a product that only one sum uses becomes a part of it, where the engine has the fused instruction. Sums of two
 * products stay as they are: a·a − b·b must be 0 where a = b, which it is not when only one product is rounded.
 * It refuses to fuse anything else.
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

/** add(mul(a, b), c) as a·b + c, and sub(c, mul(a, b)) as c − a·b. */
function fused(old: Node, { ...node }: OperationNode, uses: ReadonlyMap<Node, number>): Node | undefined {
  const [first, second] = node.inputs;
  if (old.kind !== "operation" || dtypes[node.dtype].kind !== "float") return undefined;
  if (first === undefined || second === undefined || (node.op !== "add" && node.op !== "sub"))
    return undefined;
  const isProduct = (position: number): boolean => {
    const [now, before] = [node.inputs[position], old.inputs[position]];
    return now?.kind === "operation" && now.op === "mul" && before !== undefined && uses.get(before) === 1;
  };
  const products = [first, second].filter(
    (input) => input.kind === "operation" && /^mul|^neg/.test(input.op),
  );
  if (products.length !== 1) return undefined;
  const position = isProduct(0) ? 0 : isProduct(1) ? 1 : undefined;
  if (position === undefined || (node.op === "sub" && position === 0)) return undefined;
  const product = node.inputs[position];
  const rest = node.inputs[1 - position];
  if (product?.kind !== "operation" || rest === undefined) return undefined;
  const op = node.op === "add" ? "madd" : "nmadd";
  return { ...node, op, inputs: [...product.inputs, rest] };
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
