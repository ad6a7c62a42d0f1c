/**
 * Gaussian elimination of square matrices, batched over leading axes: solutions and determinants. Adjoints are the classical
 * formulas, made of these same ops. Source: Giles, "Collected matrix derivative results for forward and reverse mode
 * algorithmic differentiation", 2008.
 */

import { ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { divisionsBeside } from "../lowering/division.js";
import { broadcastShapes, extentOf, formatShape, sameShape } from "../shape.js";
import { cast, mul, neg, where } from "./arithmetic.js";
import { matmul } from "./contraction.js";
import { log } from "./exponential.js";
import { evaluateLu, luKernel } from "./factorization.js";
import { gatherAt, scatterAt } from "./indexing.js";
import { constant } from "./leaf.js";
import { checkSquare, checkSystem, matrixAxes, onDiagonal, triangularSolve } from "./linalg.js";
import { expandDims, squeeze, transpose } from "./movement.js";
import { broadcastTo, sum } from "./reduction.js";
import { abs } from "./rounding.js";
import { sliceAxis } from "./slice.js";

const luOp: Op = defineOp({
  name: "lu",
  doc: "Elimination with partial pivoting: U above the multipliers of L, then a row with the order of the rows of a.",
  operands: ["a"],
  attributes: {},
  notation: "\\operatorname{lu}({a})",
  infer: ([a]) => {
    checkSquare(a, "a");
    const n = extentOf(a.shape, a.shape.length - 1);
    return { dtype: a.dtype, shape: [...a.shape.slice(0, -2), n + 1, n] };
  },
  lower: ([a], _, output) => {
    const n = extentOf(a.shape, a.shape.length - 1);
    return {
      kind: "opaque",
      kernel: () => luKernel(a, output, n),
      evaluate: ([matrices = new Float64Array()]) => evaluateLu(matrices, n),
      divisions: divisionsBeside(matrixAxes(a), [a]),
    };
  },
});

/**
 * Gaussian elimination with partial pivoting, P a = L U: a […, n, n] → […, n + 1, n] with U on and above the diagonal, L
 * below it without its ones, and in the last row which row of a came to each position. Not differentiable: `solve` and
 * `logAbsDet`, which are made of it, are.
 */
export const lu = opFunction(
  luOp,
  <Feeds extends string>(a: Node<Feeds>): Node<Feeds> => createNode(luOp, [a]),
);

/** `lu(a)` in two parts: the packed L and U […, n, n], and the order of rows […, n] as int32. */
export function factorsOf<Feeds extends string>(
  a: Node<Feeds>,
): { readonly packed: Node<Feeds>; readonly order: Node<Feeds> } {
  const factored = lu(a);
  const n = extentOf(a.shape, a.shape.length - 1);
  const order = squeeze(sliceAxis(factored, -2, n), -2);
  return { packed: sliceAxis(factored, -2, 0, n), order: cast(order, "int32") };
}

const solveOp: Op = defineOp({
  name: "solve",
  doc: "X with a X = b, or aᵀ X = b, by elimination with partial pivoting.",
  operands: ["a", "b"],
  attributes: { transposed: "boolean" },
  notation: "{a}^{-1} {b}",
  infer: ([a, b]) => {
    checkSystem(a, b);
    return { dtype: b.dtype, shape: b.shape };
  },
  lower: (_, { transposed }) => ({
    kind: "compose",
    build: ([a, b]) => {
      if (a === undefined || b === undefined) throw new ShapeError("solve takes two operands");
      const { packed, order } = factorsOf(a);
      const batch = b.shape.length - 2;
      const rows = expandDims(order, batch + 1);
      const sources = [...Array.from({ length: batch }, (_, axis) => axis), -1, batch + 1];
      if (!transposed) {
        const permuted = gatherAt(b, [rows], sources, b.shape);
        return triangularSolve(packed, triangularSolve(packed, permuted, { unitDiagonal: true }), {
          lower: false,
        });
      }
      const inner = triangularSolve(packed, b, { lower: false, transposed: true });
      const permuted = triangularSolve(packed, inner, { transposed: true, unitDiagonal: true });
      return scatterAt(constant(0, { dtype: b.dtype, shape: b.shape }), permuted, [rows], sources, "set");
    },
  }),
  vjp: ({ node, operands: [a], attributes: { transposed }, adjoint }) => {
    const columns = createNode(solveOp, [a, adjoint], { transposed: !transposed });
    return [neg(transposed ? matmul(node, transpose(columns)) : matmul(columns, transpose(node))), columns];
  },
});

export interface SolveOptions {
  /** Solve with the transposes of the matrices. */
  readonly transposed?: boolean;
}

/**
 * X with a X = b: a […, n, n], b […, n, m] → […, n, m], leading axes broadcast. A b with one axis, or of shape
 * […, n] with the leading axes of a, is one right-hand side per matrix → […, n]. Singular matrices give infinities or NaN.
 */
export const solve = opFunction(
  solveOp,
  <Feeds extends string>(
    a: Node<Feeds>,
    b: Node<Feeds>,
    { transposed = false }: SolveOptions = {},
  ): Node<Feeds> => {
    const isVector = b.shape.length === 1 || sameShape(b.shape, a.shape.slice(0, -1));
    const columns = isVector ? expandDims(b, b.shape.length) : b;
    const batch = broadcastShapes([a.shape.slice(0, -2), columns.shape.slice(0, -2)]);
    if (batch === undefined || a.shape.length < 2 || columns.shape.length < 2) {
      throw new ShapeError(
        `solve: a ${formatShape(a.shape)} and b ${formatShape(b.shape)} must be […, n, n] and […, n, m], or […, n], with ` +
          "leading axes that broadcast.",
        String(a),
      );
    }
    const operands = [a, columns].map((node) => broadcastTo(node, [...batch, ...node.shape.slice(-2)]));
    const solution = createNode(solveOp, operands, { transposed });
    return isVector ? squeeze(solution, -1) : solution;
  },
);

const logAbsDetOp: Op = defineOp({
  name: "logAbsDet",
  doc: "The logarithm of the magnitude of the determinant; -∞ for singular matrices.",
  operands: ["a"],
  attributes: {},
  notation: "\\log |\\det {a}|",
  infer: ([a]) => {
    checkSquare(a, "a");
    return { dtype: a.dtype, shape: a.shape.slice(0, -2) };
  },
  lower: () => ({
    kind: "compose",
    build: ([a]) => {
      if (a === undefined) throw new ShapeError("logAbsDet takes one operand");
      const diagonal = where(onDiagonal(a.shape), factorsOf(a).packed, constant(1, { dtype: a.dtype }));
      return sum(log(abs(diagonal)), { axes: [-2, -1] });
    },
  }),
  vjp: ({ operands: [a], adjoint }) => {
    const identity = broadcastTo(cast(onDiagonal(a.shape), a.dtype), a.shape);
    const inverse = createNode(solveOp, [a, identity], { transposed: true });
    return [mul(expandDims(adjoint, [-2, -1]), inverse)];
  },
});

/** log |det a| of a […, n, n] → […]. */
export const logAbsDet = opFunction(
  logAbsDetOp,
  <Feeds extends string>(a: Node<Feeds>): Node<Feeds> => createNode(logAbsDetOp, [a]),
);
