/** Matrices as lists of rows and their textbook formulas. They refuse to use anything of the packages under test. */

import type { Tensor } from "./case.js";

export type Matrix = readonly (readonly number[])[];

/** The matrices on the last two axes. */
export function matricesOf({ shape, data }: Tensor): Matrix[] {
  const [rows = 1, columns = 1] = shape.slice(-2);
  return Array.from({ length: data.length / (rows * columns) }, (_, m) =>
    Array.from({ length: rows }, (_, i) =>
      data.slice((m * rows + i) * columns, (m * rows + i + 1) * columns),
    ),
  );
}

export function product(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0)));
}

export function transposed(a: Matrix): number[][] {
  return (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? 0));
}

export function minor(a: Matrix, row: number, column: number): number[][] {
  return a.filter((_, i) => i !== row).map((line) => line.filter((_, j) => j !== column));
}

/** Laplace's expansion. */
export function determinant(a: Matrix): number {
  if (a.length === 0) return 1;
  return (a[0] ?? []).reduce((sum, x, j) => sum + (j % 2 === 0 ? x : -x) * determinant(minor(a, 0, j)), 0);
}

/** Cramer's rule. */
export function inverted(a: Matrix): number[][] {
  return a.map((row, i) =>
    row.map((_, j) => (((i + j) % 2 === 0 ? 1 : -1) * determinant(minor(a, j, i))) / determinant(a)),
  );
}

/** Elements in row-major order. */
export const flat = (matrices: readonly Matrix[]): number[] => matrices.flat(2);
