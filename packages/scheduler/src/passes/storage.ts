/**
 * Chooses which nodes are stored; every other node is evaluated inside the kernels that use it. It refuses to build kernels:
 * where a choice turns out impossible, `fuse` adds to it.
 */

import { type Graph, type Lowering, lowerNode, type Node, sizeOf } from "@adjoint/core";
import { baseOf } from "../lower/base.js";
import { costOf, maximalCost, maximalDepth, nearlyFree, repeatable } from "./costs.js";

/** How a value reaches the root of the one kernel that evaluates it. */
interface Use {
  readonly root: Node;
  /** Through the summed side of a reduction or contraction, where it is evaluated more often or apart from the store. */
  readonly through: Side;
}

/** Each is stronger than those before it. */
const sides = ["store", "reduce", "contract"] as const;
type Side = (typeof sides)[number];

/** Chooses the nodes to store, `forced` ones and leaves among them, as often as it is asked. */
export class Storage {
  readonly #graph: Graph;
  readonly #facts: Facts;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#facts = new Facts(graph);
  }

  choose(forced: ReadonlySet<Node>): Set<Node> {
    const choice = new StorageChoice(this.#facts, forced);
    const { nodes } = this.#graph;
    for (let position = nodes.length - 1; position >= 0; position--) {
      const node = nodes[position];
      if (node !== undefined) choice.visit(node);
    }
    return choice.stored;
  }
}

/** What is true of a graph whatever is stored. */
class Facts {
  readonly lowerings: ReadonlyMap<Node, Lowering>;
  readonly consumers: ReadonlyMap<Node, readonly Node[]>;
  /** Maps on top of a reduction of their own size that nothing else uses: they finish its kernel, not start another. */
  readonly carriers: ReadonlySet<Node>;
  readonly free: ReadonlySet<Node>;
  /** Results, leaves, hand-written kernels and what they read. */
  readonly required: ReadonlySet<Node>;

  constructor(graph: Graph) {
    this.lowerings = new Map(graph.nodes.map((node) => [node, lowerNode(node)]));
    this.consumers = consumersOf(graph);
    this.carriers = this.#reductionCarriers(graph);
    this.free = nearlyFree(graph, this.lowerings);
    this.required = this.#requiredBy(graph);
  }

  kindOf(node: Node): Lowering["kind"] | undefined {
    return this.lowerings.get(node)?.kind;
  }

  consumersOf(node: Node): readonly Node[] {
    return this.consumers.get(node) ?? [];
  }

  #requiredBy(graph: Graph): Set<Node> {
    const required = new Set<Node>();
    for (const node of Object.values<Node>(graph.outputs)) required.add(baseOf(node));
    for (const { value } of graph.updates) required.add(baseOf(value));
    for (const [node, { kind }] of this.lowerings) {
      if (kind === "opaque" || kind === "leaf") required.add(node);
      if (kind === "opaque" || node.op.name === "copy") {
        for (const operand of node.operands) required.add(baseOf(operand));
      }
    }
    return required;
  }

  #reductionCarriers(graph: Graph): Set<Node> {
    const carriers = new Set<Node>();
    for (const node of graph.nodes) {
      const kind = this.kindOf(node);
      if (kind !== "map" && kind !== "reshape") continue;
      const carries = node.operands.some((operand) => {
        const below = this.kindOf(operand);
        const reduces = below === "reduce" || below === "contract" || carriers.has(operand);
        const alone = this.consumersOf(operand).length === 1;
        return reduces && alone && sizeOf(operand.shape) === sizeOf(node.shape);
      });
      if (carries) carriers.add(node);
    }
    return carriers;
  }
}

/** Decides node by node, users before operands. */
class StorageChoice {
  readonly stored: Set<Node>;
  readonly #facts: Facts;
  /** The kernel a value reaches; undefined for several. */
  readonly #uses = new Map<Node, Use | undefined>();
  /** What the kernel of a root costs so far. */
  readonly #costs = new Map<Node, number>();
  /** How many unstored nodes lie between a node and the kernel that evaluates it. */
  readonly #depths = new Map<Node, number>();
  /** Roots whose kernel contains a contraction. */
  readonly #contracting = new Set<Node>();

  constructor(facts: Facts, forced: ReadonlySet<Node>) {
    this.#facts = facts;
    this.stored = new Set([...forced, ...facts.required]);
  }

  visit(node: Node): void {
    if (this.stored.has(node)) return;
    const depths = this.#facts.consumersOf(node).map((consumer) => this.#depths.get(consumer) ?? 0);
    const depth = 1 + depths.reduce((deepest, other) => Math.max(deepest, other), 0);
    this.#uses.set(node, this.#useOf(node));
    if (depth > maximalDepth || (!this.#facts.free.has(node) && this.#mustStore(node)))
      this.stored.add(baseOf(node));
    if (!this.stored.has(node)) this.#depths.set(node, depth);
  }

  /**
   * Whether a map that finishes one contraction is joined to another: a kernel holds one, so that each term of a sum of
   * products becomes the epilogue of its own, onto the sum so far, instead of all being kept for the last.
   */
  #meetsContraction(node: Node): boolean {
    if (!this.#facts.carriers.has(node)) return false;
    return this.#facts
      .consumersOf(node)
      .some((consumer) =>
        consumer.operands.some(
          (other) =>
            other !== node &&
            this.#facts.kindOf(other) === "contract" &&
            this.#facts.consumersOf(other).length === 1 &&
            sizeOf(other.shape) === sizeOf(node.shape),
        ),
      );
  }

  #useOf(node: Node): Use | undefined {
    let found: Use | undefined;
    for (const consumer of this.#facts.consumersOf(node)) {
      const above: Use | undefined = this.stored.has(consumer)
        ? { root: consumer, through: "store" }
        : this.#uses.get(consumer);
      if (above === undefined || (found !== undefined && found.root !== above.root)) return undefined;
      const own = sides.find((side) => side === this.#facts.kindOf(consumer)) ?? "store";
      found = { root: above.root, through: strongest(found?.through ?? "store", above.through, own) };
    }
    return found;
  }

  #mustStore(node: Node): boolean {
    const lowering = this.#facts.lowerings.get(node);
    if (lowering === undefined || lowering.kind === "view" || lowering.kind === "reshape") return false;
    const use = this.#uses.get(node);
    if (use === undefined) return true;
    const cost = costOf(lowering);
    const total = (this.#costs.get(use.root) ?? 0) + cost;
    if (total > maximalCost || !this.#fits(node, lowering.kind, use, cost)) return true;
    this.#costs.set(use.root, total);
    if (lowering.kind === "contract") this.#contracting.add(use.root);
    return false;
  }

  /** Whether the kernel of a root may evaluate a node without evaluating it often. */
  #fits(node: Node, kind: Lowering["kind"], { root, through }: Use, cost: number): boolean {
    const smaller = sizeOf(node.shape) < sizeOf(root.shape);
    switch (kind) {
      case "map":
        if (through === "contract" || this.#meetsContraction(node)) return false;
        if (through === "reduce") return !this.#facts.carriers.has(node);
        return !smaller || cost <= repeatable || this.#facts.carriers.has(node);
      case "reduce":
        return through !== "contract";
      case "contract":
        return (
          through === "store" &&
          !smaller &&
          !this.#contracting.has(root) &&
          this.#facts.kindOf(root) !== "contract"
        );
      default:
        return false;
    }
  }
}

function strongest(...found: readonly Side[]): Side {
  return sides[Math.max(...found.map((side) => sides.indexOf(side)))] ?? "store";
}

function consumersOf(graph: Graph): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) {
    for (const operand of node.operands) consumers.get(operand)?.push(node);
  }
  return consumers;
}
