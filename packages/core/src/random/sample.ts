/** Numbers of given distributions from a seed and an index alone, in float64. It refuses to hold state. */

import { erf } from "../scalar/special.js";
import { uniformAt } from "./threefry.js";

/** The index-th standard normal number of a seed: Box and Muller's transform of two uniform ones. */
export function normalAt(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(seed, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniformAt(seed, 2 * index + 1));
}

/** The index-th standard normal number of a seed, given that it lies within [low, high]: the inverse of its distribution. */
export function truncatedNormalAt(seed: number, index: number, low: number, high: number): number {
  const [from, to] = [erf(low / Math.SQRT2), erf(high / Math.SQRT2)];
  const x = Math.SQRT2 * erfInverse(from + (to - from) * uniformAt(seed, index));
  return Math.max(low, Math.min(high, x));
}

/**
 * The inverse of erf: Winitzki's closed form ("A handy approximation for the error function and its inverse", 2008), then
 * Halley steps, which triple the exact digits.
 */
export function erfInverse(y: number): number {
  if (Math.abs(y) >= 1) return y * Number.POSITIVE_INFINITY;
  const a = 0.147;
  const log = Math.log1p(-y * y);
  const half = 2 / (Math.PI * a) + log / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(half * half - log / a) - half);
  for (let step = 0; step < 3; step++) {
    const error = ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
    x -= error / (1 + x * error);
  }
  return x;
}

/**
 * A rows × columns matrix with orthonormal rows or columns, whichever are fewer: a matrix of normal numbers orthonormalized by
 * Gram and Schmidt, twice for stability, which makes it uniform over all such matrices (Mezzadri, arXiv:math-ph/0609050).
 */
export function orthogonalMatrix(seed: number, rows: number, columns: number): Float64Array {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, (_, i) => normalAt(seed, k * length + i));
    for (const other of [...vectors, ...vectors]) subtractProjection(vector, other);
    const norm = Math.sqrt(inner(vector, vector));
    vectors.push(vector.map((element) => element / norm));
  }
  const result = new Float64Array(rows * columns);
  for (const [k, vector] of vectors.entries()) {
    for (const [i, element] of vector.entries())
      result[rows < columns ? k * columns + i : i * columns + k] = element;
  }
  return result;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const projection = inner(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - projection * (unit[i] ?? 0);
}
