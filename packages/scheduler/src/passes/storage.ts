/**
 * Chooses which nodes are stored; every other node is evaluated inside the kernels that use it. It refuses to build kernels:
 * where a choice turns out impossible, `fuse` adds to it.
 */

import type { Graph, Node } from "@adjoint/core";
import { maximalCost, maximalDepth, repeatable } from "./costs.js";
import { Facts } from "./facts.js";

export interface Stored {
  readonly stored: ReadonlySet<Node>;
  /** Those of them that a kernel computes, operands before users. */
  readonly roots: readonly Node[];
}

/** Chooses the nodes to store, `forced` ones and leaves among them, as often as it is asked. */
export class Storage {
  readonly #nodes: readonly Node[];
  readonly #facts: Facts;

  constructor(graph: Graph) {
    this.#nodes = graph.nodes;
    this.#facts = new Facts(graph);
  }

  choose(forced: ReadonlySet<Node>): Stored {
    const choice = new StorageChoice(this.#facts);
    if (forced.size > 0) {
      for (const [place, node] of this.#nodes.entries()) if (forced.has(node)) choice.stored[place] = 1;
    }
    for (let place = this.#nodes.length - 1; place >= 0; place--) choice.visit(place);
    const stored = this.#nodes.filter((_, place) => choice.stored[place] === 1);
    const roots = this.#nodes.filter(
      (_, place) => choice.stored[place] === 1 && this.#facts.kinds[place] !== "leaf",
    );
    return { stored: new Set(stored), roots };
  }
}

/**
 * How a value reaches the one kernel that evaluates it, each stronger than those before: through the summed side of a
 * reduction or contraction it is evaluated more often or apart from the store.
 */
const side = { store: 0, reduce: 1, contract: 2 } as const;

/** Decides node by node, users before operands. */
class StorageChoice {
  /** 1 for what is stored. */
  readonly stored: Uint8Array;
  readonly #facts: Facts;
  /** The stored node whose kernel alone evaluates a node, and through which side; -1 where there are several. */
  readonly #root: Int32Array;
  readonly #through: Uint8Array;
  /** What the kernel of a stored node costs so far. */
  readonly #costs: Float64Array;
  /** How many unstored nodes lie between a node and the kernel that evaluates it. */
  readonly #depths: Int32Array;
  /** 1 for stored nodes whose kernel contains a contraction. */
  readonly #contracting: Uint8Array;

  constructor(facts: Facts) {
    const count = facts.kinds.length;
    this.#facts = facts;
    this.stored = facts.required.slice();
    this.#root = new Int32Array(count).fill(-1);
    this.#through = new Uint8Array(count);
    this.#costs = new Float64Array(count);
    this.#depths = new Int32Array(count);
    this.#contracting = new Uint8Array(count);
  }

  visit(node: number): void {
    if (this.stored[node] === 1) return;
    let depth = 1;
    for (const consumer of this.#consumersOf(node))
      depth = Math.max(depth, 1 + (this.#depths[consumer] ?? 0));
    this.#findUse(node);
    if (depth > maximalDepth || (this.#facts.free[node] === 0 && this.#mustStore(node)))
      this.stored[this.#facts.bases[node] ?? node] = 1;
    if (this.stored[node] === 0) this.#depths[node] = depth;
  }

  #consumersOf(node: number): readonly number[] {
    return this.#facts.consumers[node] ?? [];
  }

  /** Which kernel evaluates a node, if it is one, and through which side. */
  #findUse(node: number): void {
    let root = -1;
    let through: number = side.store;
    for (const consumer of this.#consumersOf(node)) {
      const isStored = this.stored[consumer] === 1;
      const above = isStored ? consumer : (this.#root[consumer] ?? -1);
      if (above < 0 || (root >= 0 && root !== above)) return;
      root = above;
      const kind = this.#facts.kinds[consumer];
      const own = kind === "reduce" || kind === "contract" ? side[kind] : side.store;
      through = Math.max(through, own, isStored ? side.store : (this.#through[consumer] ?? side.store));
    }
    this.#root[node] = root;
    this.#through[node] = through;
  }

  #mustStore(node: number): boolean {
    const kind = this.#facts.kinds[node];
    if (kind === "view" || kind === "reshape") return false;
    const root = this.#root[node] ?? -1;
    if (root < 0) return true;
    const total = (this.#costs[root] ?? 0) + (this.#facts.costs[node] ?? 0);
    if (total > maximalCost || !this.#fits(node, root)) return true;
    this.#costs[root] = total;
    if (kind === "contract") this.#contracting[root] = 1;
    return false;
  }

  /** Whether the kernel of a stored node may evaluate a node without evaluating it often. */
  #fits(node: number, root: number): boolean {
    const { kinds, sizes, costs, carriers } = this.#facts;
    const through = this.#through[node];
    const smaller = (sizes[node] ?? 0) < (sizes[root] ?? 0);
    switch (kinds[node]) {
      case "map":
        if (through === side.contract || this.#meetsContraction(node)) return false;
        if (through === side.reduce) return carriers[node] === 0;
        return !smaller || (costs[node] ?? 0) <= repeatable || carriers[node] === 1;
      case "reduce":
        return through !== side.contract;
      case "contract":
        return (
          through === side.store && !smaller && this.#contracting[root] === 0 && kinds[root] !== "contract"
        );
      default:
        return false;
    }
  }

  /**
   * Whether a map that finishes one contraction is joined to another: a kernel holds one, so that each term of a sum of
   * products becomes the epilogue of its own, onto the sum so far, instead of all being kept for the last.
   */
  #meetsContraction(node: number): boolean {
    const { kinds, sizes, operands, carriers } = this.#facts;
    if (carriers[node] === 0) return false;
    return this.#consumersOf(node).some((consumer) =>
      operands[consumer]?.some(
        (other) =>
          other !== node &&
          kinds[other] === "contract" &&
          this.#consumersOf(other).length === 1 &&
          sizes[other] === sizes[node],
      ),
    );
  }
}
