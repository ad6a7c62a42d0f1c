/** One line of a derivation, and the spaces that its two sides are in. It refuses to lay lines out. */

import { type DType, dtypes, type Node } from "@adjoint/core";

/**
 * `given`: an input, parameter or constant. `definition`: a node and what it is. `adjoint`: the derivative of the objective by a
 * node. `local`: the derivative of one node by another, a step on the way. `slope`: what the derivative of an activation is.
 */
export type EquationKind = "given" | "definition" | "adjoint" | "local" | "slope";

/** One line; every part is LaTeX for math mode. */
export interface Equation {
  readonly kind: EquationKind;
  /** 0 for what the graph computes, 1 for its derivatives, 2 for S, of which the Hessian's product is the derivative, and its own. */
  readonly order: 0 | 1 | 2;
  /** The node by its name in the graph. */
  readonly name: string;
  readonly left: string;
  /** The chain rule before its factors are worked out; only where it says more than `right`. */
  readonly chain?: string;
  /** Absent for what is only given. */
  readonly right?: string;
  /** Where it lies, such as `\mathbb{R}^{256 \times 10}`. */
  readonly space: string;
  /** The node that has this value: adjoints are nodes over those of the graph. */
  readonly node: Node;
}

const fields = {
  float: "\\mathbb{R}",
  integer: "\\mathbb{Z}",
  bool: "\\{0, 1\\}",
} as const satisfies Record<(typeof dtypes)[DType]["kind"], string>;

/** The space of a node; extents that have a letter are written as it. */
export function spaceOf({ dtype, shape }: Node, extents: Readonly<Record<number, string>>): string {
  const field = fields[dtypes[dtype].kind];
  if (shape.length === 0) return field;
  return `${field}^{${shape.map((extent) => extents[extent] ?? String(extent)).join(" \\times ")}}`;
}
