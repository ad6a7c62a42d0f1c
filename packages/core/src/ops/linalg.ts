/**
 * Triangular matrices, batched over leading axes: Cholesky factors and substitution. Adjoints are the classical formulas,
 * made of these same ops, so that every order of derivative exists. Sources: Giles, "Collected matrix derivative results for
 * forward and reverse mode algorithmic differentiation", 2008; for Cholesky Murray, arXiv:1602.07527.
 */

import { DTypeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { divisionsBeside } from "../lowering/division.js";
import { extentOf, formatShape, type Shape, sameShape } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { add, equal, greater, greaterEqual, mul, neg, where, zerosLike } from "./arithmetic.js";
import { matmul } from "./contraction.js";
import { choleskyKernel, evaluateCholesky } from "./factorization.js";
import { iota } from "./leaf.js";
import { transpose } from "./movement.js";
import { evaluateSubstitution, substitutionKernel } from "./substitution.js";

/** @throws unless the type is a float tensor whose last two axes are equal. */
export function checkSquare({ dtype, shape }: TensorType, name: string): void {
  if (!dtype.startsWith("float")) throw new DTypeError(`${name} must be of a float dtype, not ${dtype}`);
  if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) {
    throw new ShapeError(`${name} must be square matrices […, n, n], not ${formatShape(shape)}`);
  }
}

/** The last two axes. */
export function matrixAxes({ shape }: TensorType): [rows: number, columns: number] {
  return [shape.length - 2, shape.length - 1];
}

/** @throws unless a is square matrices and b has as many rows in the same leading axes. */
export function checkSystem(a: TensorType, b: TensorType): void {
  checkSquare(a, "a");
  if (a.dtype !== b.dtype)
    throw new DTypeError(`operands must share a dtype, not ${a.dtype} and ${b.dtype}; use cast`);
  if (b.shape.length !== a.shape.length || !sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1))) {
    throw new ShapeError(
      `b must be ${formatShape(a.shape.slice(0, -1))} with columns last, not ${formatShape(b.shape)}`,
    );
  }
}

/** Where row and column of […, n, m] compare as given. */
function positions(
  shape: Shape,
  compare: (row: Node<never>, column: Node<never>) => Node<never>,
): Node<never> {
  const matrix = shape.slice(-2);
  return compare(iota(matrix, 0), iota(matrix, 1));
}

/** Where row and column of […, n, m] are equal. */
export function onDiagonal(shape: Shape): Node<never> {
  return positions(shape, equal);
}

function below(x: Node, strictly: boolean): Node {
  return where(positions(x.shape, strictly ? greater : greaterEqual), x, zerosLike(x));
}

const choleskyOp: Op = defineOp({
  name: "cholesky",
  doc: "The lower triangular L with positive diagonal of L Lᵀ = (a + aᵀ) / 2; NaN where that is not positive definite.",
  operands: ["a"],
  attributes: {},
  notation: "\\operatorname{chol}({a})",
  infer: ([a]) => {
    checkSquare(a, "a");
    return { dtype: a.dtype, shape: a.shape };
  },
  lower: ([a]) => {
    const n = extentOf(a.shape, a.shape.length - 1);
    return {
      kind: "opaque",
      kernel: () => choleskyKernel(a, n),
      evaluate: ([matrices = new Float64Array()]) => evaluateCholesky(matrices, n),
      divisions: divisionsBeside(matrixAxes(a), [a]),
    };
  },
  vjp: ({ node, adjoint }) => {
    const inner = below(matmul(transpose(node), adjoint), false);
    const halved = where(onDiagonal(node.shape), mul(inner, 0.5), inner);
    const left = triangularSolve(node, halved, { transposed: true });
    const both = transpose(triangularSolve(node, transpose(left), { transposed: true }));
    return [mul(add(both, transpose(both)), 0.5)];
  },
});

/** The lower Cholesky factor of symmetric positive definite matrices a […, n, n] (a is symmetrized first). */
export const cholesky = opFunction(
  choleskyOp,
  <Feeds extends string>(a: Node<Feeds>): Node<Feeds> => createNode(choleskyOp, [a]),
);

const triangularSolveOp: Op = defineOp({
  name: "triangularSolve",
  doc: "X with A X = B, or Aᵀ X = B, where A is one triangle of a.",
  operands: ["a", "b"],
  attributes: { lower: "boolean", transposed: "boolean", unitDiagonal: "boolean" },
  notation: "{a}^{-1} {b}",
  infer: ([a, b]) => {
    checkSystem(a, b);
    return { dtype: b.dtype, shape: b.shape };
  },
  lower: ([a, b], options) => ({
    kind: "opaque",
    kernel: () => substitutionKernel(a, b, options),
    evaluate: ([matrices = new Float64Array(), columns = new Float64Array()]) =>
      evaluateSubstitution(matrices, columns, b.shape.slice(-2), options),
    divisions: divisionsBeside(matrixAxes(a), [a, b]),
  }),
  vjp: ({ node, operands: [a], attributes: { lower, transposed, unitDiagonal }, adjoint }) => {
    const columns = triangularSolve(a, adjoint, { lower, transposed: !transposed, unitDiagonal });
    const full = neg(transposed ? matmul(node, transpose(columns)) : matmul(columns, transpose(node)));
    return [lower ? below(full, unitDiagonal) : transpose(below(transpose(full), unitDiagonal)), columns];
  },
});

export interface TriangularSolveOptions {
  /** Which triangle of a is read; the lower one unless false. */
  readonly lower?: boolean;
  /** Solve with the transpose of that triangle. */
  readonly transposed?: boolean;
  /** Take the diagonal as ones instead of reading it. */
  readonly unitDiagonal?: boolean;
}

/** X with op(A) X = B: a […, n, n] of which one triangle is read, b […, n, m] with equal leading axes → […, n, m]. */
export const triangularSolve = opFunction(
  triangularSolveOp,
  <Feeds extends string>(
    a: Node<Feeds>,
    b: Node<Feeds>,
    { lower = true, transposed = false, unitDiagonal = false }: TriangularSolveOptions = {},
  ): Node<Feeds> => createNode(triangularSolveOp, [a, b], { lower, transposed, unitDiagonal }),
);
