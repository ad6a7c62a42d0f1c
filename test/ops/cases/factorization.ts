/** Cases of factorizations and solutions of small matrices. */

import { cholesky, inverse, lu, matmul, pinv, solve, transpose, triangularSolve } from "@adjoint/core";
import { type Cases, fixed, float, points, type Tensor } from "./case.js";
import { indices } from "./expect.js";
import { flat, inverted, matricesOf, product, transposed } from "./matrix.js";

const tolerance = { value: 1e-10, difference: 1e-6 };

export const factorization = {
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
              const rest =
                (s[i]?.[j] ?? 0) -
                (l[i] ?? []).reduce((sum, x, k) => sum + (k < j ? x * (l[j]?.[k] ?? 0) : 0), 0);
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
    {
      title: "not positive definite",
      operands: [points([1, 2, 2, 1], [2, 2])],
      order: 0,
      build: (a) => cholesky(a),
      value: [1, 0, 2, Number.NaN],
    },
    { title: "empty", operands: [float([2, 0, 0])], build: (a) => cholesky(a), value: [], shape: [2, 0, 0] },
  ],
  triangularSolve: [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      const [lower, isTransposed, unitDiagonal] = [(bits & 1) === 0, (bits & 2) !== 0, (bits & 4) !== 0];
      return {
        title: `lower ${lower}, transposed ${isTransposed}, unit ${unitDiagonal}`,
        operands: [float([3, 3], 0.5, 2), float([3, 2])],
        build: (...[a, b]: Parameters<typeof matmul>) =>
          triangularSolve(a, b, { lower, transposed: isTransposed, unitDiagonal }),
        value: (a: Tensor, b: Tensor): number[] => {
          const [matrix = []] = matricesOf(a);
          const triangle = matrix.map((row, i) =>
            row.map((x, j) => (i === j ? (unitDiagonal ? 1 : x) : lower === i > j ? x : 0)),
          );
          return flat([
            product(inverted(isTransposed ? transposed(triangle) : triangle), matricesOf(b)[0] ?? []),
          ]);
        },
        tolerance,
      };
    }),
    {
      title: "batch",
      operands: [float([2, 2, 2], 1, 2), float([2, 2, 1])],
      build: (a, b) => triangularSolve(a, b),
      shape: [2, 2, 1],
    },
  ],
  lu: [
    {
      operands: [fixed(points([1, 2, 4, 3], [2, 2]))],
      order: 0,
      build: (a) => lu(a),
      value: [4, 3, 0.25, 1.25, 1, 0],
    },
    {
      title: "singular",
      operands: [fixed(points([0, 0, 0, 0, 2, 1, 0, 4, 2], [3, 3]))],
      order: 0,
      build: (a) => lu(a),
      value: [0, 0, 0, 0, 4, 2, 0, 0.5, 0, 0, 2, 1],
    },
  ],
  solve: [
    {
      operands: [float([2, 3, 3]), float([2, 3, 2])],
      build: (a, b) => solve(a, b),
      value: (a, b) =>
        flat(matricesOf(a).map((matrix, m) => product(inverted(matrix), matricesOf(b)[m] ?? []))),
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
    {
      title: "transposed, one right-hand side",
      operands: [float([3, 3]), float([3])],
      build: (a, b) => solve(a, b, { transposed: true }),
      value: (a, b) =>
        flat([
          product(
            inverted(transposed(matricesOf(a)[0] ?? [])),
            b.data.map((x) => [x]),
          ),
        ]),
      shape: [3],
      tolerance,
    },
    {
      title: "rows exchanged",
      operands: [points([0, 1, 0, 0, 0, 2, 4, 0, 0], [3, 3]), points([1, 2, 4])],
      build: (a, b) => solve(a, b),
      value: [1, 1, 1],
    },
    {
      title: "batch that broadcasts",
      operands: [float([2, 2, 2]), float([3, 1, 2, 1])],
      build: (a, b) => solve(a, b),
      value: (a, b) =>
        flat(
          matricesOf(b).flatMap((right) => matricesOf(a).map((matrix) => product(inverted(matrix), right))),
        ),
      shape: [3, 2, 2, 1],
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
  ],
  inverse: [
    {
      operands: [float([2, 3, 3])],
      build: (a) => inverse(a),
      value: (a) => flat(matricesOf(a).map(inverted)),
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
  ],
  pinv: [
    {
      title: "tall",
      operands: [float([2, 3, 2])],
      build: (a) => pinv(a),
      value: (a) =>
        flat(matricesOf(a).map((m) => product(inverted(product(transposed(m), m)), transposed(m)))),
      tolerance: { value: 1e-8, difference: 1e-4 },
    },
    {
      title: "wide",
      operands: [float([2, 3])],
      build: (a) => pinv(a),
      value: (a) =>
        flat(matricesOf(a).map((m) => product(transposed(m), inverted(product(m, transposed(m)))))),
      tolerance: { value: 1e-8, difference: 1e-4 },
    },
    {
      title: "square",
      operands: [float([2, 2])],
      build: (a) => pinv(a),
      value: (a) => flat(matricesOf(a).map(inverted)),
      tolerance: { value: 1e-9, difference: 1e-5 },
    },
  ],
} satisfies Cases;
