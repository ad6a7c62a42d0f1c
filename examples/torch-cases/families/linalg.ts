// torch.linalg on small matrices. What is made of singular values or eigenvalues is listed in scope.ts.

import {
  broadcastTo,
  cholesky,
  constant,
  det,
  inverse,
  logAbsDet,
  matmul,
  matrixPower,
  Node,
  pinv,
  pow,
  reshape,
  sizeOf,
  slogdet,
  solve,
  stack,
  transpose,
  triangularSolve,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, unary, vector } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

const factor = op("input upper", (a) => {
  const lower = cholesky(a.tensor("input"));
  return a.flag("upper", false) ? transpose(lower) : lower;
});

/** Leading axes of one, as those of the other and it broadcast. */
function batched(x: Node, batch: readonly number[]): Node {
  const rank = Math.max(batch.length, x.shape.length - 2);
  const lead = new Array<number>(rank).fill(1).map((_, axis) => {
    const own = x.shape.slice(0, -2)[axis - rank + x.shape.length - 2] ?? 1;
    return own === 1 ? (batch[axis - rank + batch.length] ?? 1) : own;
  });
  return broadcastTo(x, [...lead, ...x.shape.slice(-2)]);
}

/** X with A X = B, or X A = B, for a triangular A. */
function triangular(
  a: Node,
  b: Node,
  { upper, left, unit }: { upper: boolean; left: boolean; unit: boolean },
): Node {
  const [matrix, right] = [batched(a, b.shape.slice(0, -2)), batched(b, a.shape.slice(0, -2))];
  if (left) return triangularSolve(matrix, right, { lower: !upper, unitDiagonal: unit });
  const solution = triangularSolve(matrix, transpose(right), {
    lower: !upper,
    transposed: true,
    unitDiagonal: unit,
  });
  return transpose(solution);
}

/** The pseudo-inverse of factors of full column rank: pinv(a bᵀ) = pinv(b)ᵀ pinv(a). */
function factored(a: Arguments): Node {
  return matmul(transpose(pinv(a.tensor("other"))), pinv(a.tensor("input")));
}

/** A cutoff drops singular values up to it times the largest: one of 1 or more drops them all. */
const pseudoInverse: Mapping = op("input other rcond rtol atol hermitian", (a) => {
  if (a.has("other")) return factored(a);
  const x = a.tensor("input");
  const cutoffs = ["rcond", "rtol"].flatMap((name) => (a.has(name) ? a.everyNumber(name) : []));
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  if (cutoffs.length > 0 && cutoffs.every((cutoff) => cutoff >= 1)) {
    return constant(0, { dtype: x.dtype, shape: [...x.shape.slice(0, -2), columns, rows] });
  }
  if (cutoffs.length > 0)
    throw new UnsupportedError("a cutoff of singular values, for which there is no decomposition");
  return pinv(x);
});

const inverted = unary(inverse);

/** A result with the status that PyTorch adds to it: 0, for success. */
function checked(f: Mapping["build"]): Mapping["build"] {
  return (a) => {
    const result = f(a);
    const [node] = result instanceof Node ? [result] : result;
    if (node === undefined) throw new UnsupportedError("no result");
    return [node, constant(0, { dtype: "int32", shape: a.tensor("input").shape.slice(0, -2) })];
  };
}

/** The axes of a that belong to x last. */
function tensorSolve(a: Node, b: Node, last: readonly number[]): Node {
  const first = [...a.shape.keys()].filter((axis) => !last.includes(axis));
  const moved = transpose(a, [...first, ...last]);
  const n = sizeOf(b.shape);
  return reshape(solve(reshape(moved, [n, n]), reshape(b, [n, 1])), moved.shape.slice(b.shape.length));
}

export const linearAlgebra: Mappings = {
  cholesky: factor,
  inverse: inverted,
  "linalg.cholesky": factor,
  "linalg.cholesky_ex": op("input upper check_errors", (a) => {
    a.ignore("check_errors");
    return checked(factor.build)(a);
  }),
  "linalg.det": unary(det),
  "linalg.inv": inverted,
  "linalg.inv_ex": op("input check_errors", (a) => {
    a.ignore("check_errors");
    return checked(inverted.build)(a);
  }),
  "linalg.matrix_power": op("input n", (a) => matrixPower(a.tensor("input"), a.number("n"))),
  "linalg.pinv": pseudoInverse,
  "linalg.slogdet": unary((x) => {
    const { sign, logAbsDet: magnitude } = slogdet(x);
    return [sign, magnitude];
  }),
  "linalg.solve": op("A B left", (a) => {
    const [matrix, b] = [a.tensor("A"), a.tensor("B")];
    if (a.flag("left", true)) return solve(matrix, b);
    return transpose(solve(transpose(matrix), transpose(b)));
  }),
  "linalg.solve_triangular": op("A B upper left unitriangular", (a) =>
    triangular(a.tensor("A"), a.tensor("B"), {
      upper: a.flag("upper"),
      left: a.flag("left", true),
      unit: a.flag("unitriangular", false),
    }),
  ),
  "linalg.tensorinv": op("input ind", (a) => {
    const [x, ind] = [a.tensor("input"), a.number("ind", 2)];
    const [rows, columns] = [x.shape.slice(0, ind), x.shape.slice(ind)];
    return reshape(inverse(reshape(x, [sizeOf(rows), sizeOf(columns)])), [...columns, ...rows]);
  }),
  "linalg.tensorsolve": op("a b dims", (a) => {
    const last = (a.numbers("dims") ?? []).map((axis) =>
      axis < 0 ? axis + a.tensor("a").shape.length : axis,
    );
    return tensorSolve(a.tensor("a"), a.tensor("b"), last);
  }),
  "linalg.vander": op("x N", (a) => {
    const x = vector(a.tensor("x"));
    return stack(
      Array.from({ length: a.number("N", x.shape.at(-1) ?? 0) }, (_, k) => pow(x, k)),
      -1,
    );
  }),
  logdet: unary(logAbsDet),
  pinverse: pseudoInverse,
  slogdet: unary((x) => {
    const { sign, logAbsDet: magnitude } = slogdet(x);
    return [sign, magnitude];
  }),
  triangular_solve: op("b A upper transpose unitriangular", (a) => {
    const [b, matrix] = [a.tensor("b"), a.tensor("A")];
    const solved = triangularSolve(
      batched(matrix, b.shape.slice(0, -2)),
      batched(b, matrix.shape.slice(0, -2)),
      {
        lower: !a.flag("upper", true),
        transposed: a.flag("transpose", false),
        unitDiagonal: a.flag("unitriangular", false),
      },
    );
    return [solved, matrix];
  }),
};
