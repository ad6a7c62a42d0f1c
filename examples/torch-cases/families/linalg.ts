// torch.linalg on small matrices. What is made of singular values or eigenvalues is listed in scope.ts.

import {
  broadcastTo,
  cast,
  cholesky,
  constant,
  det,
  equal,
  inverse,
  iota,
  logAbsDet,
  matmul,
  matrixPower,
  type Node,
  pinv,
  reshape,
  sizeOf,
  slogdet,
  solve,
  transpose,
  triangularSolve,
  tril,
  triu,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, unary } from "../mapping.js";
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
function triangular(a: Node, b: Node, { upper, left, unit }: { upper: boolean; left: boolean; unit: boolean }): Node {
  const [matrix, right] = [batched(a, b.shape.slice(0, -2)), batched(b, a.shape.slice(0, -2))];
  if (left) return triangularSolve(matrix, right, { lower: !upper, unitDiagonal: unit });
  const solution = triangularSolve(matrix, transpose(right), { lower: !upper, transposed: true, unitDiagonal: unit });
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
  if (cutoffs.length > 0) throw new UnsupportedError("a cutoff of singular values, for which there is no decomposition");
  return pinv(x);
});

const inverted = unary(inverse);

/** Triangular factors of which one triangle is used, as A = L Lᵀ. */
function lowerFactor(a: Arguments, name: string): Node {
  const given = a.tensor(name);
  return a.flag("upper", false) ? transpose(triu(given)) : tril(given);
}

function identity(like: Node): Node {
  const n = like.shape.at(-1) ?? 0;
  return broadcastTo(cast(equal(iota([n, 1], 0), iota([1, n], 1)), like.dtype), like.shape);
}

function choleskySolve(lower: Node, b: Node): Node {
  return triangularSolve(lower, triangularSolve(lower, b), { transposed: true });
}

export const linearAlgebra: Mappings = {
  cholesky: factor,
  cholesky_inverse: op("input upper", (a) => {
    const lower = lowerFactor(a, "input");
    return choleskySolve(lower, identity(lower));
  }),
  cholesky_solve: op("input input2 upper", (a) => {
    const lower = lowerFactor(a, "input2");
    const b = a.tensor("input");
    return choleskySolve(batched(lower, b.shape.slice(0, -2)), batched(b, lower.shape.slice(0, -2)));
  }),
  inverse: inverted,
  "linalg.cholesky": factor,
  "linalg.det": unary(det),
  "linalg.inv": inverted,
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
  logdet: unary(logAbsDet),
  pinverse: pseudoInverse,
  slogdet: unary((x) => {
    const { sign, logAbsDet: magnitude } = slogdet(x);
    return [sign, magnitude];
  }),
  triangular_solve: op("b A upper transpose unitriangular", (a) => {
    const [b, matrix] = [a.tensor("b"), a.tensor("A")];
    const solved = triangularSolve(batched(matrix, b.shape.slice(0, -2)), batched(b, matrix.shape.slice(0, -2)), {
      lower: !a.flag("upper", true),
      transposed: a.flag("transpose", false),
      unitDiagonal: a.flag("unitriangular", false),
    });
    return [solved, matrix];
  }),
};
