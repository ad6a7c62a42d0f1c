/**
 * What each node of a step is to the micro-batches, found by following the examples from the inputs on. A step whose nodes
 * all have a role is one in which examples meet only in sums; every other is refused.
 */

import type { Division, Graph, Node, OperandPart } from "@adjoint/core";
import type { Combine } from "@adjoint/core/kernel";
import { divisionsOf } from "./divisions.js";
import { MicroBatchError } from "./error.js";
import { isLinear } from "./linear.js";

export type Role =
  /** The same for every part. */
  | { readonly kind: "shared" }
  /** An input of which each part takes a slice. */
  | { readonly kind: "fed"; readonly axis: number }
  /** Each part computes its slice along an axis from parts of the operands. */
  | { readonly kind: "batched"; readonly axis: number; readonly operands: readonly OperandPart[] }
  /** Each part computes something that combines to the whole. */
  | { readonly kind: "combined"; readonly combine: Combine; readonly operands: readonly OperandPart[] }
  /** Linear in sums over the batch: each part may compute its term. */
  | { readonly kind: "linear" };

export type Roles = ReadonlyMap<Node, Role>;

/** Whether a role makes a node a sum over the parts. */
export function isSum(role: Role | undefined): boolean {
  return role?.kind === "linear" || (role?.kind === "combined" && role.combine === "add");
}

/** Whether a role makes a node something that no part has of its own: a sum or another combination over all of them. */
function isTotal(role: Role | undefined): boolean {
  return role?.kind === "linear" || role?.kind === "combined";
}

/** The axis that holds the examples of a node. */
export function axisOf(role: Role | undefined): number | undefined {
  return role?.kind === "batched" || role?.kind === "fed" ? role.axis : undefined;
}

/**
 * The role of every node for a number of parts.
 * @throws MicroBatchError naming the first node that needs several examples at once.
 */
export function rolesOf(graph: Graph, batch: ReadonlyMap<Node, number>, parts: number): Map<Node, Role> {
  const roles = new RoleFinder(batch, parts);
  for (const node of graph.nodes) roles.visit(node);
  return roles.found;
}

class RoleFinder {
  readonly found = new Map<Node, Role>();
  readonly #batch: ReadonlyMap<Node, number>;
  readonly #parts: number;
  /** Nodes that depend on a parameter. */
  readonly #trained = new Set<Node>();
  /** Shared nodes that depend on a total, and which: one that depends on a parameter rather than another. */
  readonly #totals = new Map<Node, Node>();

  constructor(batch: ReadonlyMap<Node, number>, parts: number) {
    this.#batch = batch;
    this.#parts = parts;
  }

  visit(node: Node): void {
    if (node.op.name === "parameter" || node.operands.some((operand) => this.#trained.has(operand)))
      this.#trained.add(node);
    const role = this.#roleOf(node);
    this.found.set(node, role);
    const total = role.kind === "shared" ? this.#totalBehind(node.operands) : undefined;
    if (total !== undefined) this.#totals.set(node, total);
  }

  #roleOf(node: Node): Role {
    const axis = this.#batch.get(node);
    if (axis !== undefined) return { kind: "fed", axis };
    if (node.operands.some((operand) => axisOf(this.found.get(operand)) !== undefined))
      return this.#divided(node);
    return this.#isLinear(node) ? { kind: "linear" } : { kind: "shared" };
  }

  /** Its other operands wait for no total: else the terms would have to wait for it too, all at once. */
  #isLinear(node: Node): boolean {
    const sums = (operand: Node): boolean => isSum(this.found.get(operand));
    const others = node.operands.filter((operand) => !sums(operand));
    if (others.length === node.operands.length || this.#totalBehind(others) !== undefined) return false;
    return isLinear(node, sums);
  }

  /** The role of a node that reads examples. */
  #divided(node: Node): Role {
    const axes = node.operands.map((operand) => axisOf(this.found.get(operand)));
    const fits = ({ operands }: Division): boolean =>
      axes.every((axis, position) => axis === undefined || axis === operands[position]);
    const divisions = divisionsOf(node, this.#parts);
    const division = divisions.find(fits);
    if (division === undefined) throw this.#mixing(node, this.#reason(node, axes, divisions));
    const whole = node.operands.filter(
      (_, position) => axes[position] === undefined && division.operands[position] !== "term",
    );
    const total = this.#totalBehind(whole);
    if (total !== undefined && this.#trained.has(total)) {
      throw this.#mixing(node, `reads, for every example, what depends on all of them: ${String(total)}`);
    }
    const { operands, result } = division;
    return typeof result === "number"
      ? { kind: "batched", axis: result, operands }
      : { kind: "combined", combine: result, operands };
  }

  /** A total that operands are or depend on. */
  #totalBehind(operands: readonly Node[]): Node | undefined {
    const totals = operands.flatMap((operand) =>
      isTotal(this.found.get(operand)) ? [operand] : (this.#totals.get(operand) ?? []),
    );
    return totals.find((total) => this.#trained.has(total)) ?? totals[0];
  }

  #reason(node: Node, axes: readonly (number | undefined)[], divisions: readonly Division[]): string {
    const torn = node.operands.find((_, position) => {
      const axis = axes[position];
      return axis !== undefined && !divisions.some(({ operands }) => operands[position] === axis);
    });
    if (torn !== undefined) return `reads several examples of ${String(torn)} at once`;
    const several = node.operands.filter((_, position) => axes[position] !== undefined);
    return `combines each example of one operand with several of another: ${several.map(String).join(" and ")}`;
  }

  #mixing(node: Node, reason: string): MicroBatchError {
    const message =
      `${String(node)} ${reason}. Micro-batches need a step in which examples meet only in sums, and statistics of the ` +
      "batch, as in batch normalization, mix them.";
    return new MicroBatchError("mixing", message, node);
  }
}
