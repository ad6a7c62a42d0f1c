/**
 * The simplifications, each an equation that holds for every value including NaN and infinities unless it says otherwise.
 * Law for authors: the right side is smaller than the left, or the same size and nearer to the canonical form
 * (literals on the left of `mul`, no `sub` of a negation, movement collapsed into one op).
 */

import {
  add,
  broadcastTo,
  constant,
  dtypes,
  matmul,
  mul,
  type Node,
  neg,
  reshape,
  sameShape,
  sizeOf,
  sub,
  transpose,
  withOperands,
} from "@adjoint/core";
import { fillOf, integersOf, isFilled, isOp } from "./match.js";
import type { Rule } from "./rule.js";

/** The operand repeated to the node's shape, as an elementwise op with a neutral operand would. */
function fitted(operand: Node | undefined, node: Node): Node | undefined {
  if (operand === undefined) return undefined;
  return broadcastTo(operand, node.shape);
}

const folds: Readonly<Record<string, (c: number, d: number) => number>> = {
  add: (c, d) => c + d,
  sub: (c, d) => c - d,
  mul: (c, d) => c * d,
  div: (c, d) => c / d,
  neg: (c) => -c,
};

/** Whether a product of literals overflows or vanishes exactly when one after the other does. */
function merges(c: number, d: number): boolean {
  const sameSide = (Math.abs(c) <= 1 && Math.abs(d) <= 1) || (Math.abs(c) >= 1 && Math.abs(d) >= 1);
  return sameSide && Math.abs(c * d) > 1e-30 && Math.abs(c * d) < 1e30;
}

/** Whether a literal fills a shape that it need not. */
function isFull(node: Node): boolean {
  return fillOf(node) !== undefined && node.shape.length > 0;
}

function scalarOf(literal: Node): Node {
  return constant(fillOf(literal) ?? 0, { dtype: literal.dtype });
}

/** Whether a permutation is the transpose of matrices, batched. */
function swapsLastTwo(permutation: readonly number[]): boolean {
  const rank = permutation.length;
  return permutation.every(
    (axis, position) => axis === (position < rank - 2 ? position : 2 * rank - 3 - position),
  );
}

/** Matrices in a batch as one, with the rows of all. */
function belowEachOther(batch: Node): Node {
  return reshape(batch, [sizeOf(batch.shape.slice(0, -1)), batch.shape.at(-1) ?? 1]);
}

/** A rule that looks at nodes of one op. */
function rule(
  name: string,
  op: string,
  equation: string,
  apply: (node: Node, a: Node, b: Node) => Node | undefined,
): Rule {
  return {
    name,
    equation,
    op,
    apply: (node) => {
      const [a, b = a] = node.operands;
      return a === undefined || b === undefined ? undefined : apply(node, a, b);
    },
  };
}

export const simplifications: readonly Rule[] = [
  ...Object.entries(folds).map(([op, fold]) =>
    rule(`fold-${op}`, op, "c ∘ d = their value, for float literals", (node, a, b) => {
      const [c, d] = [fillOf(a), fillOf(b)];
      if (c === undefined || d === undefined || dtypes[node.dtype].kind !== "float") return undefined;
      return constant(fold(c, d), { dtype: node.dtype, shape: node.shape });
    }),
  ),
  rule("add-zero", "add", "x + (-0) = x; 0 would turn -0 into 0", (node, a, b) =>
    isFilled(b, -0) ? fitted(a, node) : isFilled(a, -0) ? fitted(b, node) : undefined,
  ),
  rule("add-neg", "add", "x + (-y) = x - y", (_, a, b) =>
    isOp(b, "neg") && b.operands[0] ? sub(a, b.operands[0]) : undefined,
  ),
  rule("sub-zero", "sub", "x - 0 = x", (node, a, b) => (isFilled(b, 0) ? fitted(a, node) : undefined)),
  rule("sub-neg", "sub", "x - (-y) = x + y", (_, a, b) =>
    isOp(b, "neg") && b.operands[0] ? add(a, b.operands[0]) : undefined,
  ),
  rule("mul-one", "mul", "x · 1 = x", (node, a, b) =>
    isFilled(b, 1) ? fitted(a, node) : isFilled(a, 1) ? fitted(b, node) : undefined,
  ),
  rule("mul-minus-one", "mul", "x · (-1) = -x", (node, a, b) => {
    const other = isFilled(b, -1) ? a : isFilled(a, -1) ? b : undefined;
    const whole = fitted(other, node);
    return whole === undefined ? undefined : neg(whole);
  }),
  rule("mul-literal-first", "mul", "x · c = c · x", (_, a, b) =>
    fillOf(b) !== undefined && fillOf(a) === undefined ? mul(b, a) : undefined,
  ),
  rule(
    "mul-literals",
    "mul",
    "c · (d · x) = (c d) · x for scalar literals on one side of 1 (up to rounding)",
    (_, a, b) => {
      const [inner, rest] = b.operands;
      const c = fillOf(a);
      const d = fillOf(inner);
      if (!isOp(b, "mul") || c === undefined || d === undefined || rest === undefined) return undefined;
      if (a.shape.length > 0 || inner?.shape.length !== 0 || !merges(c, d)) return undefined;
      return mul(c * d, rest);
    },
  ),
  ...["add", "sub", "mul", "div"].map((op) =>
    rule(
      `${op}-scalar-literal`,
      op,
      "x ∘ (c filling a shape) = x ∘ c where x alone has the shape",
      (node, a, b) => {
        if (isFull(a) && sameShape(b.shape, node.shape)) return withOperands(node, [scalarOf(a), b]);
        return isFull(b) && sameShape(a.shape, node.shape) ? withOperands(node, [a, scalarOf(b)]) : undefined;
      },
    ),
  ),
  rule(
    "where-scalar-literal",
    "where",
    "where(p, x, c filling a shape) = where(p, x, c) where p alone has the shape",
    (node, p) => {
      if (!sameShape(p.shape, node.shape) || !node.operands.slice(1).some(isFull)) return undefined;
      return withOperands(
        node,
        node.operands.map((operand, position) =>
          position > 0 && isFull(operand) ? scalarOf(operand) : operand,
        ),
      );
    },
  ),
  rule("chain-literal", "chain", "chain(a, c) = c · a for a finite literal c above 0", (_, a, b) => {
    const c = fillOf(b);
    return c !== undefined && c > 0 && Number.isFinite(c) ? mul(b, a) : undefined;
  }),
  rule("div-one", "div", "x / 1 = x", (node, a, b) => (isFilled(b, 1) ? fitted(a, node) : undefined)),
  rule("stop-gradient", "stopGradient", "stopGradient(x) = x, for differentiation is over", (_, a) => a),
  rule("neg-neg", "neg", "-(-x) = x", (_, a) => (isOp(a, "neg") ? a.operands[0] : undefined)),
  rule(
    "transpose-transpose",
    "transpose",
    "transpose(transpose(x, p), q) = transpose(x, p[q])",
    (node, a) => {
      const [x] = a.operands;
      if (!isOp(a, "transpose") || x === undefined) return undefined;
      const inner = integersOf(a, "permutation");
      return transpose(
        x,
        integersOf(node, "permutation").map((axis) => inner[axis] ?? axis),
      );
    },
  ),
  rule("transpose-matmul", "transpose", "(a b)ᵀ = bᵀ aᵀ, over the last two axes", (node, product) => {
    const [a, b] = product.operands;
    if (!isOp(product, "matmul") || a === undefined || b === undefined) return undefined;
    return swapsLastTwo(integersOf(node, "permutation")) ? matmul(transpose(b), transpose(a)) : undefined;
  }),
  rule("transpose-identity", "transpose", "transpose(x, identity) = x", (node, a) =>
    integersOf(node, "permutation").every((axis, position) => axis === position) ? a : undefined,
  ),
  rule("reshape-reshape", "reshape", "reshape(reshape(x, s), t) = reshape(x, t)", (node, a) =>
    isOp(a, "reshape") && a.operands[0] ? reshape(a.operands[0], node.shape) : undefined,
  ),
  rule("reshape-identity", "reshape", "reshape(x, shape of x) = x", (node, a) =>
    sameShape(node.shape, a.shape) ? a : undefined,
  ),
  rule("reshape-literal", "reshape", "reshape(c filling s, t) = c filling t", (node, a) => {
    const value = fillOf(a);
    return value === undefined ? undefined : constant(value, { dtype: node.dtype, shape: node.shape });
  }),
  rule("broadcast-literal", "broadcastTo", "broadcastTo(c, s) = c filling s", (node, a) => {
    const value = fillOf(a);
    return value === undefined ? undefined : constant(value, { dtype: node.dtype, shape: node.shape });
  }),
  rule(
    "sum-products",
    "sum",
    "Σ_b x_bᵀ y_b = xᵀ y with the rows of all b below each other",
    (node, product) => {
      const [a, y] = product.operands;
      const x = a?.operands[0];
      if (!isOp(product, "matmul") || !isOp(a, "transpose") || x === undefined || y === undefined)
        return undefined;
      const batch = product.shape.length - 2;
      const axes = integersOf(node, "axes");
      const sumsBatch = axes.length === batch && axes.every((axis) => axis < batch);
      if (batch === 0 || !sumsBatch || !swapsLastTwo(integersOf(a, "permutation"))) return undefined;
      if (!sameShape(x.shape.slice(0, -1), y.shape.slice(0, -1))) return undefined;
      const merged = matmul(transpose(belowEachOther(x)), belowEachOther(y));
      return sameShape(merged.shape, node.shape) ? merged : reshape(merged, node.shape);
    },
  ),
  ...["sum", "prod", "max", "min", "any", "all"].map((op) =>
    rule(`${op}-nothing`, op, "a reduction over no axes = x", (node, a) =>
      integersOf(node, "axes").length === 0 ? a : undefined,
    ),
  ),
];
