/** Cases of linear algebra on small matrices, expected by textbook formulas on lists of numbers. */

import {
  cholesky,
  cross,
  det,
  inverse,
  logAbsDet,
  lu,
  matmul,
  matrixPower,
  multiDot,
  pinv,
  slogdet,
  solve,
  transpose,
  triangularSolve,
} from "@adjoint/core";
import { type Cases, float, points, type Tensor } from "./case.js";
import { indices } from "./expect.js";

type Matrix = readonly (readonly number[])[];

function matricesOf({ shape, data }: Tensor): Matrix[] {
  const [rows = 1, columns = 1] = shape.slice(-2);
  return Array.from({ length: data.length / (rows * columns) }, (_, m) =>
    Array.from({ length: rows }, (_, i) => data.slice((m * rows + i) * columns, (m * rows + i + 1) * columns)),
  );
}

function product(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0)));
}

function transposed(a: Matrix): number[][] {
  return (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? 0));
}

function minor(a: Matrix, row: number, column: number): number[][] {
  return a.filter((_, i) => i !== row).map((line) => line.filter((_, j) => j !== column));
}

/** Laplace's expansion. */
function determinant(a: Matrix): number {
  if (a.length === 0) return 1;
  return (a[0] ?? []).reduce((sum, x, j) => sum + (j % 2 === 0 ? x : -x) * determinant(minor(a, 0, j)), 0);
}

/** Cramer's rule. */
function inverted(a: Matrix): number[][] {
  return a.map((row, i) => row.map((_, j) => ((i + j) % 2 === 0 ? 1 : -1) * determinant(minor(a, j, i)) / determinant(a)));
}

const flat = (matrices: readonly Matrix[]): number[] => matrices.flat(2);
const tolerance = { value: 1e-10, difference: 1e-6 };

export const linalg = {
  cholesky: [
    {
      operands: [float([2, 3, 3], -1, 1)],
      build: (a) => cholesky(matmul(a, transpose(a))),
      value: (a) =>
        flat(
          matricesOf(a).map((matrix) => {
            const s = product(matrix, transposed(matrix));
            const l = s.map((row) => row.map(() => 0));
            for (const [i, j] of indices([3, 3]).map(([i = 0, j = 0]) => [i, j] as const)) {
              if (j > i) continue;
              const rest = (s[i]?.[j] ?? 0) - (l[i] ?? []).reduce((sum, x, k) => sum + (k < j ? x * (l[j]?.[k] ?? 0) : 0), 0);
              const row = l[i];
              if (row !== undefined) row[j] = i === j ? Math.sqrt(rest) : rest / (l[j]?.[j] ?? 0);
            }
            return l;
          }),
        ),
      tolerance,
    },
    {
      title: "reads both triangles",
      operands: [points([4, 1, 3, 5], [2, 2])],
      build: (a) => cholesky(a),
      value: [2, 0, 1, 2],
    },
    { title: "not positive definite", operands: [points([1, 2, 2, 1], [2, 2])], order: 0, build: (a) => cholesky(a), value: [1, 0, 2, Number.NaN] },
    { title: "empty", operands: [float([2, 0, 0])], build: (a) => cholesky(a), value: [], shape: [2, 0, 0] },
  ],
  triangularSolve: [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      const [lower, isTransposed, unitDiagonal] = [(bits & 1) === 0, (bits & 2) !== 0, (bits & 4) !== 0];
      return {
        title: `lower ${lower}, transposed ${isTransposed}, unit ${unitDiagonal}`,
        operands: [float([3, 3], 0.5, 2), float([3, 2])],
        build: (...[a, b]: Parameters<typeof matmul>) => triangularSolve(a, b, { lower, transposed: isTransposed, unitDiagonal }),
        value: (a: Tensor, b: Tensor): number[] => {
          const [matrix = []] = matricesOf(a);
          const triangle = matrix.map((row, i) =>
            row.map((x, j) => (i === j ? (unitDiagonal ? 1 : x) : lower === i > j ? x : 0)),
          );
          return flat([product(inverted(isTransposed ? transposed(triangle) : triangle), matricesOf(b)[0] ?? [])]);
        },
        tolerance,
      };
    }),
    { title: "batch", operands: [float([2, 2, 2], 1, 2), float([2, 2, 1])], build: (a, b) => triangularSolve(a, b), shape: [2, 2, 1] },
  ],
  lu: [
    {
      operands: [points([1, 2, 4, 3], [2, 2])],
      order: 0,
      build: (a) => lu(a),
      value: [4, 3, 0.25, 1.25, 1, 0],
    },
    { title: "singular", operands: [points([0, 0, 0, 0, 2, 1, 0, 4, 2], [3, 3])], order: 0, build: (a) => lu(a), value: [0, 0, 0, 0, 4, 2, 0, 0.5, 0, 0, 2, 1] },
  ],
  solve: [
    {
      operands: [float([2, 3, 3]), float([2, 3, 2])],
      build: (a, b) => solve(a, b),
      value: (a, b) => flat(matricesOf(a).map((matrix, m) => product(inverted(matrix), matricesOf(b)[m] ?? []))),
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
    {
      title: "transposed, one right-hand side",
      operands: [float([3, 3]), float([3])],
      build: (a, b) => solve(a, b, { transposed: true }),
      value: (a, b) => flat([product(inverted(transposed(matricesOf(a)[0] ?? [])), b.data.map((x) => [x]))]),
      shape: [3],
      tolerance,
    },
    { title: "rows exchanged", operands: [points([0, 1, 0, 0, 0, 2, 4, 0, 0], [3, 3]), points([1, 2, 4])], build: (a, b) => solve(a, b), value: [1, 1, 1] },
    {
      title: "batch that broadcasts",
      operands: [float([2, 2, 2]), float([3, 1, 2, 1])],
      build: (a, b) => solve(a, b),
      value: (a, b) => flat(matricesOf(b).flatMap((right) => matricesOf(a).map((matrix) => product(inverted(matrix), right)))),
      shape: [3, 2, 2, 1],
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
  ],
  inverse: [
    { operands: [float([2, 3, 3])], build: (a) => inverse(a), value: (a) => flat(matricesOf(a).map(inverted)), tolerance: { value: 1e-9, difference: 1e-5 } },
  ],
  det: [
    { operands: [float([2, 3, 3])], build: (a) => det(a), value: (a) => matricesOf(a).map(determinant), shape: [2] },
    { operands: [float([4, 4])], build: (a) => det(a), value: (a) => matricesOf(a).map(determinant), tolerance },
    { title: "one by one", operands: [float([2, 1, 1])], build: (a) => det(a), value: (a) => [...a.data] },
    { title: "empty", operands: [float([2, 0, 0])], build: (a) => det(a), value: [1, 1] },
    { title: "singular", operands: [points([1, 2, 2, 4], [2, 2])], build: (a) => det(a), value: [0], gradients: [[4, -2, -2, 1]] },
    { title: "by elimination", operands: [float([7, 7], -1, 1)], order: 1, build: (a) => det(a), value: (a) => matricesOf(a).map(determinant), tolerance },
  ],
  logAbsDet: [
    { operands: [float([2, 3, 3])], build: (a) => logAbsDet(a), value: (a) => matricesOf(a).map((matrix) => Math.log(Math.abs(determinant(matrix)))), tolerance },
  ],
  slogdet: [
    {
      operands: [float([4, 3, 3])],
      order: 1,
      build: (a) => Object.values(slogdet(a)),
      value: (a) => {
        const determinants = matricesOf(a).map(determinant);
        return [determinants.map(Math.sign), determinants.map((d) => Math.log(Math.abs(d)))];
      },
      tolerance: { value: 1e-10, difference: 1e-5 },
    },
    { title: "singular", operands: [points([1, 2, 2, 4], [2, 2])], order: 0, build: (a) => Object.values(slogdet(a)), value: [[0], [-Infinity]] },
  ],
  matrixPower: [
    { operands: [float([2, 2, 2])], build: (a) => matrixPower(a, 5), value: (a) => flat(matricesOf(a).map((m) => product(m, product(m, product(m, product(m, m)))))) },
    { title: "zero", operands: [float([2, 2])], build: (a) => matrixPower(a, 0), value: [1, 0, 0, 1] },
    { title: "negative", operands: [float([2, 2])], build: (a) => matrixPower(a, -2), value: (a) => flat(matricesOf(a).map((m) => product(inverted(m), inverted(m)))), tolerance: { value: 1e-8, difference: 1e-4 } },
  ],
  pinv: [
    {
      title: "tall",
      operands: [float([2, 3, 2])],
      build: (a) => pinv(a),
      value: (a) => flat(matricesOf(a).map((m) => product(inverted(product(transposed(m), m)), transposed(m)))),
      tolerance: { value: 1e-8, difference: 1e-4 },
    },
    {
      title: "wide",
      operands: [float([2, 3])],
      build: (a) => pinv(a),
      value: (a) => flat(matricesOf(a).map((m) => product(transposed(m), inverted(product(m, transposed(m)))))),
      tolerance: { value: 1e-8, difference: 1e-4 },
    },
    { title: "square", operands: [float([2, 2])], build: (a) => pinv(a), value: (a) => flat(matricesOf(a).map(inverted)), tolerance: { value: 1e-9, difference: 1e-5 } },
  ],
  multiDot: [
    {
      operands: [float([2, 3]), float([3, 4]), float([4, 2]), float([2, 3])],
      build: (...matrices) => multiDot(matrices),
      value: (...matrices) => flat([matrices.map((m) => matricesOf(m)[0] ?? []).reduce((a, b) => product(a, b))]),
      shape: [2, 3],
    },
    {
      title: "vectors at both ends",
      operands: [float([2]), float([2, 3]), float([3])],
      build: (...matrices) => multiDot(matrices),
      value: (a, b, c) => flat([product(product([a.data], matricesOf(b)[0] ?? []), c.data.map((x) => [x]))]),
      shape: [],
    },
    { title: "one", operands: [float([2, 2])], build: (a) => multiDot([a]), value: (a) => [...a.data] },
  ],
  cross: [
    {
      operands: [float([2, 3]), float([3])],
      build: (a, b) => cross(a, b),
      value: (a, b) => {
        const [x = 0, y = 0, z = 0] = b.data;
        return [0, 3].flatMap((start) => {
          const [u = 0, v = 0, w = 0] = a.data.slice(start, start + 3);
          return [v * z - w * y, w * x - u * z, u * y - v * x];
        });
      },
    },
    { title: "first axis", operands: [points([1, 0, 0], [3, 1]), points([0, 1, 0], [3, 1])], build: (a, b) => cross(a, b, 0), value: [0, 0, 1] },
  ],
} satisfies Cases;
