/** Builds the step in parts: every node once, in slices or in terms, as its role says. It refuses to decide anything. */

import {
  add,
  concat,
  constant,
  copy,
  createNode,
  type Division,
  extentOf,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  mul,
  type Node,
  type OperandPart,
  type OpFunction,
  sliceAxis,
  withOperands,
} from "@adjoint/core";
import type { Combine } from "@adjoint/core/kernel";
import type { Demands } from "./demands.js";
import { checkPart, partShape, rebuild, standIn } from "./rebuild.js";
import { axisOf, type Roles } from "./roles.js";
import type { Totals } from "./totals.js";

const combinations = {
  add,
  mul,
  max: maximum,
  min: minimum,
  and: logicalAnd,
  or: logicalOr,
} as const satisfies Record<Combine, OpFunction<object>>;

export class Unrolling {
  readonly #roles: Roles;
  readonly #totals: Totals;
  readonly #demands: Demands;
  readonly #parts: number;
  readonly #wholes = new Map<Node, Node>();
  /** Slices of batched nodes along the axis of their examples, terms of sums. */
  readonly #pieces = new Map<Node, readonly Node[]>();
  /** Slices of shared nodes, by axis. */
  readonly #slices = new Map<Node, ReadonlyMap<number, readonly Node[]>>();
  /** What nodes that are combined have come to after each part. */
  readonly #running = new Map<Node, readonly Node[]>();

  constructor(roles: Roles, totals: Totals, demands: Demands, parts: number) {
    this.#roles = roles;
    this.#totals = totals;
    this.#demands = demands;
    this.#parts = parts;
  }

  /** Builds what stands for a node; its operands must have been visited. */
  visit(node: Node): void {
    const role = this.#roles.get(node);
    if (role === undefined || role.kind === "shared" || this.#totals.once.has(node)) this.#computeOnce(node);
    else if (role.kind === "fed") {
      this.#wholes.set(node, node);
      this.#pieces.set(node, this.#sliced(node, node, role.axis));
    } else if (role.kind === "batched") {
      this.#pieces.set(node, this.#each(node, role.operands, partShape(node.shape, role.axis, this.#parts)));
    } else {
      const operands = role.kind === "combined" ? role.operands : this.#termsOf(node);
      this.#pieces.set(node, this.#each(node, operands, node.shape));
      const combine = role.kind === "combined" ? role.combine : "add";
      if (this.#totals.combined.has(node)) this.#combine(node, combine);
    }
    const demands = [...(this.#demands.get(node) ?? [])];
    const slices = demands.map(([axis, division]) => [axis, this.#demanded(node, axis, division)] as const);
    this.#slices.set(node, new Map(slices));
  }

  #computeOnce(node: Node): void {
    const operands = node.operands.map((operand) => this.whole(operand));
    this.#wholes.set(node, withOperands(node, operands));
  }

  /** All of a node. */
  whole(node: Node): Node {
    const known = this.#wholes.get(node);
    if (known !== undefined) return known;
    const joined = concat(this.#pieces.get(node) ?? [], axisOf(this.#roles.get(node)));
    const whole = standIn(joined, node, node.label);
    this.#wholes.set(node, whole);
    return whole;
  }

  /** The slices of an input that is fed, and what a combined node has come to after each part. */
  piecesOf(node: Node): readonly Node[] {
    return this.#running.get(node) ?? this.#pieces.get(node) ?? [];
  }

  #termsOf({ operands }: Node): OperandPart[] {
    return operands.map((operand) => (this.#roles.get(operand)?.kind === "shared" ? "whole" : "term"));
  }

  #demanded(node: Node, axis: number, division: Division | undefined): readonly Node[] {
    if (division === undefined) return this.#sliced(node, this.whole(node), axis);
    return this.#each(node, division.operands, partShape(node.shape, axis, this.#parts));
  }

  #sliced(node: Node, whole: Node, axis: number): Node[] {
    const length = extentOf(node.shape, axis) / this.#parts;
    return this.#range().map((part) =>
      standIn(sliceAxis(whole, axis, part * length, (part + 1) * length), node, this.#labelOf(node, part)),
    );
  }

  /** The node of every part; all are of one type, so that it is enough to check the first. */
  #each(node: Node, operands: readonly OperandPart[], shape: readonly number[]): Node[] {
    const pieces = this.#range().map((part) => {
      const given = node.operands.map((operand, position) =>
        this.#partOf(operand, operands[position] ?? "whole", part),
      );
      return rebuild(node, given, shape, this.#labelOf(node, part));
    });
    for (const first of pieces.slice(0, 1)) checkPart(node, first, shape);
    return pieces;
  }

  #partOf(operand: Node, wanted: OperandPart, part: number): Node {
    if (wanted === "whole") return this.whole(operand);
    const pieces =
      wanted === "term" || axisOf(this.#roles.get(operand)) !== undefined
        ? this.#pieces.get(operand)
        : this.#slices.get(operand)?.get(wanted);
    if (pieces?.[part] !== undefined) return pieces[part];
    // The only term of what is not a sum over the parts is all of it.
    return part === 0 ? this.whole(operand) : constant(0, { dtype: operand.dtype, shape: operand.shape });
  }

  /**
   * One part after another: only what has been combined so far outlives a part. It is copied because what a copy reads is
   * stored: fusion would else combine all parts at the end, and what they are computed from would live until then.
   */
  #combine(node: Node, combine: Combine): void {
    const { op } = combinations[combine];
    const running: Node[] = [];
    for (const piece of this.#pieces.get(node) ?? []) {
      const before = running.at(-1);
      const label = running.length + 1 === this.#parts ? node.label : undefined;
      const total = before === undefined ? piece : createNode(op, [copy(before), piece]);
      running.push(before === undefined ? piece : standIn(total, node, label));
    }
    this.#running.set(node, running);
    this.#wholes.set(node, running.at(-1) ?? node);
  }

  #labelOf({ label }: Node, part: number): string | undefined {
    return label === undefined ? undefined : `${label}.${part + 1}`;
  }

  #range(): number[] {
    return Array.from({ length: this.#parts }, (_, part) => part);
  }
}
