/** The kernels of Cholesky and LU factorization and their float64 definitions. They refuse to know nodes. */

import type { Kernel, KernelScalar, Stage, Store } from "../kernel/kernel.js";
import { type Affine, addAffine, axisTimes, scaleAffine, shiftAffine, zero } from "../lowering/affine.js";
import { accumulated, type Guards, loadAt, readBuffer, storeAt, writeBuffer } from "../lowering/opaque.js";
import * as s from "../scalar/build.js";
import { coordinate } from "../scalar/scalar.js";
import { sizeOf } from "../shape.js";
import type { TensorType } from "../tensor.js";

/** a - b. */
function minus(a: Affine, b: Affine): Affine {
  return addAffine(a, scaleAffine(b, -1));
}

/** Matrices of `rows` × `columns` in a buffer, one per point of axis 0. */
function matrices(buffer: number, type: TensorType, rows: number, columns: number) {
  const at = (row: Affine, column: Affine): Affine =>
    addAffine(axisTimes(0, rows * columns), addAffine(scaleAffine(row, columns), column));
  return {
    load: (row: Affine, column: Affine, guards: Guards & { readonly fill?: number } = {}): KernelScalar =>
      loadAt(buffer, type, at(row, column), guards),
    store: (row: Affine, column: Affine, value: KernelScalar, guards: Guards = {}): Store =>
      storeAt(buffer, at(row, column), value, guards),
  };
}

/** Column by column, each from the columns before it: axes [matrix, column, row], then the sum over earlier columns. */
export function choleskyKernel(a: TensorType, n: number): Kernel {
  const [column, row, earlier] = [axisTimes(1), axisTimes(2), axisTimes(3)];
  const given = matrices(0, a, n, n);
  const factor = matrices(1, a, n, n);
  const known = { bounds: [{ value: shiftAffine(minus(column, earlier), -1), extent: n }] };
  const below = { bounds: [{ value: shiftAffine(minus(row, column), -1), extent: n }], fill: 1 };
  const symmetric = s.mul(s.add(given.load(row, column), given.load(column, row)), 0.5);
  const rest = s.sub(symmetric, accumulated(0, a));
  const value = s.select(
    s.lt(coordinate(2), coordinate(1)),
    0,
    s.select(
      s.eq(coordinate(2), coordinate(1)),
      s.sqrt(rest),
      s.div(rest, factor.load(column, column, below)),
    ),
  );
  const products = s.mul(factor.load(row, earlier, known), factor.load(column, earlier, known));
  return {
    buffers: [readBuffer(a), writeBuffer(a)],
    axes: [
      { extent: sizeOf(a.shape.slice(0, -2)), order: "parallel" },
      { extent: n, order: "sequential" },
      { extent: n, order: "sequential" },
    ],
    stages: [
      { axes: [n], accumulators: [{ combine: "add", value: products }], stores: [] },
      { axes: [], accumulators: [], stores: [factor.store(row, column, value)] },
    ],
    aliases: [],
  };
}

export function evaluateCholesky(a: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(a.length);
  for (let start = 0; start < a.length; start += n * n) {
    const at = (row: number, column: number): number => factor[start + row * n + column] ?? 0;
    for (let row = 0; row < n; row++) {
      for (let column = 0; column <= row; column++) {
        const pair = (a[start + row * n + column] ?? 0) + (a[start + column * n + row] ?? 0);
        let rest = pair / 2;
        for (let k = 0; k < column; k++) rest -= at(row, k) * at(column, k);
        factor[start + row * n + column] = row === column ? Math.sqrt(rest) : rest / at(column, column);
      }
    }
  }
  return factor;
}

/**
 * Right-looking elimination with row exchanges. Axes [matrix, step]; the stages of a step are: copy a and count the rows
 * (in step 0 only), find the largest candidate and the first row that has it, exchange rows, divide, subtract.
 */
export function luKernel(a: TensorType, result: TensorType, n: number): Kernel {
  const [step, i, j] = [axisTimes(1), axisTimes(2), axisTimes(3)];
  const last: Affine = { offset: n, strides: [] };
  const given = matrices(0, a, n, n);
  const factor = matrices(1, a, n + 1, n);
  const atFirst = { bounds: [{ value: scaleAffine(step, -1), extent: 1 }] };
  const afterStep = (position: Affine) => ({ value: shiftAffine(minus(position, step), -1), extent: n });
  const candidate = s.abs(factor.load(i, step, { bounds: [{ value: minus(i, step), extent: n }] }));
  const largest = accumulated(2, a);
  const found = accumulated(3, { dtype: "int32" });
  const isPivot = s.and(s.eq(candidate, largest), s.le(coordinate(1), coordinate(2)));
  const pivotRow = s.select(s.lt(found, n), found, coordinate(1));
  const inPivotRow: Guards = { indirect: [{ index: pivotRow, stride: n, extent: n }] };
  const exchange = (row: Affine, column: Affine): Store[] => [
    factor.store(row, column, factor.load(zero, column, inPivotRow)),
    factor.store(zero, column, factor.load(row, column), inPivotRow),
  ];
  const orderAtPivot: Guards = { indirect: [{ index: pivotRow, stride: 1, extent: n }] };
  const pivot = factor.load(step, step);
  const multiplier = s.select(s.eq(pivot, 0), 0, s.div(factor.load(i, step), pivot));
  const remainder = s.sub(factor.load(i, j), s.mul(factor.load(i, step), factor.load(step, j)));
  const storing = (axes: readonly number[], ...stores: Store[]): Stage => ({
    axes,
    accumulators: [],
    stores,
  });
  return {
    buffers: [readBuffer(a), writeBuffer(result)],
    axes: [
      { extent: sizeOf(a.shape.slice(0, -2)), order: "parallel" },
      { extent: n, order: "sequential" },
    ],
    stages: [
      storing([n, n], factor.store(i, j, given.load(i, j), atFirst)),
      storing([n], factor.store(last, i, s.cast(coordinate(2), a.dtype), atFirst)),
      { axes: [n], accumulators: [{ combine: "max", value: candidate }], stores: [] },
      {
        axes: [n],
        accumulators: [{ combine: "min", value: s.select(isPivot, coordinate(2), n) }],
        stores: [],
      },
      storing([n], ...exchange(step, i)),
      storing(
        [],
        factor.store(last, step, factor.load(last, zero, orderAtPivot)),
        factor.store(last, zero, factor.load(last, step), orderAtPivot),
      ),
      storing([n], factor.store(i, step, multiplier, { bounds: [afterStep(i)] })),
      storing([n, n], factor.store(i, j, remainder, { bounds: [afterStep(i), afterStep(j)] })),
    ],
    aliases: [],
  };
}

export function evaluateLu(a: Float64Array, n: number): Float64Array {
  const count = n === 0 ? 0 : a.length / (n * n);
  const result = new Float64Array(count * (n + 1) * n);
  for (let matrix = 0; matrix < count; matrix++) {
    const rows = Array.from({ length: n }, (_, row) => {
      const start = (matrix * n + row) * n;
      return { row, elements: a.slice(start, start + n) };
    });
    for (let step = 0; step < n; step++) eliminate(rows, step);
    for (const [position, { row, elements }] of rows.entries()) {
      result.set(elements, (matrix * (n + 1) + position) * n);
      result[(matrix * (n + 1) + n) * n + position] = row;
    }
  }
  return result;
}

function eliminate(rows: { readonly row: number; readonly elements: Float64Array }[], step: number): void {
  const magnitude = (position: number): number => Math.abs(rows[position]?.elements[step] ?? 0);
  let best = step;
  for (let position = step + 1; position < rows.length; position++) {
    if (magnitude(position) > magnitude(best)) best = position;
  }
  const [current, chosen] = [rows[step], rows[best]];
  if (current === undefined || chosen === undefined) return;
  rows[step] = chosen;
  rows[best] = current;
  const pivot = chosen.elements[step] ?? 0;
  for (const { elements } of rows.slice(step + 1)) {
    const multiplier = pivot === 0 ? 0 : (elements[step] ?? 0) / pivot;
    elements[step] = multiplier;
    for (let column = step + 1; column < rows.length; column++) {
      elements[column] = (elements[column] ?? 0) - multiplier * (chosen.elements[column] ?? 0);
    }
  }
}
