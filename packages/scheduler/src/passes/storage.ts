/**
 * Chooses which nodes are stored; every other node is evaluated inside the kernels that use it. It refuses to build kernels:
 * where a choice turns out impossible, `fuse` adds to it.
 */

import { type Graph, type Lowering, lowerNode, type Node, sizeOf } from "@adjoint/core";
import { isOperation, postorder, type ScalarOp } from "@adjoint/core/kernel";
import { baseOf } from "../lower/base.js";

/** How a value reaches the root of the kernel that evaluates it. */
interface Use {
  readonly root: Node;
  /** Through the summed side of a reduction or contraction, where it is evaluated more often or apart from the store. */
  readonly through: "store" | "reduce" | "contract";
}

/** A kernel evaluates at most this many scalar operations per element: beyond, registers spill and compilers slow down. */
const maximalCost = 160;
/** A smaller value that is repeated along the kernel is evaluated again for each repetition up to this cost. */
const repeatableCost = 4;

const expensive: Partial<Record<ScalarOp, number>> = {
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

export function chooseStored(graph: Graph, forced: ReadonlySet<Node>): Set<Node> {
  const lowerings = new Map(graph.nodes.map((node) => [node, lowerNode(node)]));
  const consumers = consumersOf(graph);
  const carriers = reductionCarriers(graph, lowerings, consumers);
  const stored = new Set<Node>(forced);
  for (const node of Object.values<Node>(graph.outputs)) stored.add(baseOf(node));
  for (const { value } of graph.updates) stored.add(baseOf(value));
  for (const node of graph.nodes) {
    const kind = lowerings.get(node)?.kind;
    if (kind === "opaque" || node.op.name === "copy")
      for (const operand of node.operands) stored.add(baseOf(operand));
    if (kind === "opaque" || kind === "leaf") stored.add(node);
  }
  const free = nearlyFree(graph, lowerings);
  const uses = new Map<Node, Use | "many">();
  const costs = new Map<Node, number>();
  const contracted = new Set<Node>();
  for (let position = graph.nodes.length - 1; position >= 0; position--) {
    const node = graph.nodes[position];
    const lowering = node === undefined ? undefined : lowerings.get(node);
    if (node === undefined || lowering === undefined || stored.has(node)) continue;
    const use = useOf(node, consumers.get(node) ?? [], stored, uses, lowerings);
    uses.set(node, use);
    if (free.has(node)) continue;
    if (mustStore(node, lowering, use, carriers, costs, contracted)) stored.add(node);
  }
  return stored;
}

function consumersOf(graph: Graph): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) {
    for (const operand of node.operands) consumers.get(operand)?.push(node);
  }
  return consumers;
}

/** Maps on top of a reduction of their own size that nothing else uses: they finish its kernel rather than start another. */
function reductionCarriers(
  graph: Graph,
  lowerings: ReadonlyMap<Node, Lowering>,
  consumers: ReadonlyMap<Node, readonly Node[]>,
): Set<Node> {
  const carriers = new Set<Node>();
  for (const node of graph.nodes) {
    const kind = lowerings.get(node)?.kind;
    if (kind !== "map" && kind !== "reshape") continue;
    const carries = node.operands.some((operand) => {
      const below = lowerings.get(operand)?.kind;
      const reduces = below === "reduce" || below === "contract" || carriers.has(operand);
      return reduces && consumers.get(operand)?.length === 1 && sizeOf(operand.shape) === sizeOf(node.shape);
    });
    if (carries) carriers.add(node);
  }
  return carriers;
}

/** Values that a few operations give from leaves: evaluated wherever they are used rather than kept. */
function nearlyFree(graph: Graph, lowerings: ReadonlyMap<Node, Lowering>): Set<Node> {
  const costs = new Map<Node, number>();
  for (const node of graph.nodes) {
    const lowering = lowerings.get(node);
    if (lowering?.kind === "leaf") costs.set(node, 0);
    if (lowering === undefined || !["map", "view", "reshape"].includes(lowering.kind)) continue;
    const below = node.operands.map((operand) => costs.get(operand) ?? Infinity);
    const cost = below.reduce((total, part) => total + part, lowering.kind === "map" ? costOf(lowering) : 0);
    if (cost <= repeatableCost) costs.set(node, cost);
  }
  return new Set(costs.keys());
}

/** The one kernel a node's value reaches, or many. */
function useOf(
  node: Node,
  consumers: readonly Node[],
  stored: ReadonlySet<Node>,
  uses: ReadonlyMap<Node, Use | "many">,
  lowerings: ReadonlyMap<Node, Lowering>,
): Use | "many" {
  let found: Use | undefined;
  for (const consumer of consumers) {
    const above = stored.has(consumer) ? ({ root: consumer, through: "store" } as const) : uses.get(consumer);
    if (above === undefined || above === "many") return "many";
    const kind = lowerings.get(consumer)?.kind;
    const through =
      kind === "contract" || above.through === "contract"
        ? "contract"
        : kind === "reduce"
          ? "reduce"
          : above.through;
    if (found !== undefined && found.root !== above.root) return "many";
    found = { root: above.root, through: strongest(found?.through, through) };
  }
  return found ?? "many";
}

function strongest(a: Use["through"] | undefined, b: Use["through"]): Use["through"] {
  const order = ["store", "reduce", "contract"] as const;
  return order[Math.max(order.indexOf(a ?? "store"), order.indexOf(b))] ?? b;
}

function mustStore(
  node: Node,
  lowering: Lowering,
  use: Use | "many",
  carriers: ReadonlySet<Node>,
  costs: Map<Node, number>,
  contracted: Set<Node>,
): boolean {
  if (lowering.kind === "view" || lowering.kind === "reshape") return false;
  if (use === "many") return true;
  const cost = costOf(lowering);
  const total = (costs.get(use.root) ?? 0) + cost;
  if (total > maximalCost) return true;
  const smaller = sizeOf(node.shape) < sizeOf(use.root.shape);
  const storeIt = {
    map: () => {
      if (use.through === "contract") return true;
      if (use.through === "reduce") return carriers.has(node);
      return smaller && cost > repeatableCost && !carriers.has(node);
    },
    reduce: () => use.through === "contract",
    contract: () =>
      use.through !== "store" || smaller || contracted.has(use.root) || lowersToContraction(use.root),
  };
  const stores = lowering.kind in storeIt ? storeIt[reducible(lowering.kind)]() : true;
  if (!stores) {
    costs.set(use.root, total);
    if (lowering.kind === "contract") contracted.add(use.root);
  }
  return stores;
}

function reducible(kind: Lowering["kind"]): "map" | "reduce" | "contract" {
  return kind === "reduce" || kind === "contract" ? kind : "map";
}

function lowersToContraction(root: Node): boolean {
  return lowerNode(root).kind === "contract";
}

/** Weighted scalar operations per element of a loop nest. */
function costOf(lowering: Lowering): number {
  if (!("loops" in lowering)) return 0;
  return postorder(lowering.loops.body).reduce(
    (total, scalar) => total + (isOperation(scalar) ? (expensive[scalar.op] ?? 1) : 0),
    1,
  );
}
