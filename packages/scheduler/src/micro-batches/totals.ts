/**
 * Where the terms of sums over the batch are added up. Linear nodes may be computed once, from totals, or term by term;
 * what is added up lives from the first part to the last, so that as few elements as possible should be.
 */

import { type Graph, type Node, sizeOf } from "@adjoint/core";
import { isSum, type Roles } from "./roles.js";

export interface Totals {
  /** Nodes whose parts are combined to a whole. */
  readonly combined: ReadonlySet<Node>;
  /** Linear nodes that are computed once, from totals. */
  readonly once: ReadonlySet<Node>;
}

/** As late as possible at first, then earlier where that takes no more elements: it saves computing term by term. */
export function totalsOf(graph: Graph, roles: Roles): Totals {
  const choice = new TotalsChoice(graph, roles);
  choice.settle();
  choice.pull();
  choice.settle();
  return choice;
}

class TotalsChoice implements Totals {
  readonly combined = new Set<Node>();
  readonly once = new Set<Node>();
  readonly #roles: Roles;
  readonly #linear: readonly Node[];
  /** Per node: the linear nodes that read it; undefined where anything else does. */
  readonly #readers = new Map<Node, Node[] | undefined>();

  constructor({ nodes, outputs, updates }: Graph, roles: Roles) {
    this.#roles = roles;
    this.#linear = nodes.filter((node) => roles.get(node)?.kind === "linear");
    for (const node of nodes) {
      for (const operand of node.operands) this.#read(operand, node);
    }
    for (const node of [...Object.values<Node>(outputs), ...updates.map(({ value }) => value)])
      this.#read(node);
    for (const [node, readers] of this.#readers) {
      const kind = roles.get(node)?.kind;
      if (readers === undefined && (kind === "combined" || kind === "linear")) this.combined.add(node);
    }
  }

  #read(node: Node, reader?: Node): void {
    const linear = reader !== undefined && this.#roles.get(reader)?.kind === "linear";
    const known = this.#readers.has(node) ? this.#readers.get(node) : [];
    if (linear) known?.push(reader);
    this.#readers.set(node, linear ? known : undefined);
  }

  /** A node that reads a total reads totals only: it is computed once. */
  settle(): void {
    let settled = false;
    while (!settled) {
      settled = true;
      this.once.clear();
      for (const node of this.#linear) {
        const open = this.#sumsOf(node).filter((sum) => !this.combined.has(sum) && !this.once.has(sum));
        if (open.length === this.#sumsOf(node).length) continue;
        for (const sum of open) this.combined.add(sum);
        if (open.length > 0) settled = false;
        this.once.add(node);
        this.combined.delete(node);
      }
    }
  }

  /** Adds up the operands of a linear node rather than the node itself where they have no more elements. */
  pull(): void {
    for (const node of [...this.#linear].reverse()) {
      const sums = this.#sumsOf(node);
      const alone = sums.every((sum) => new Set(this.#readers.get(sum)).size === 1);
      const elements = sums.reduce((total, { shape }) => total + sizeOf(shape), 0);
      if (!this.combined.has(node) || !alone || elements > sizeOf(node.shape)) continue;
      this.combined.delete(node);
      for (const sum of sums) this.combined.add(sum);
    }
  }

  #sumsOf(node: Node): Node[] {
    return [...new Set(node.operands)].filter((operand) => isSum(this.#roles.get(operand)));
  }
}
