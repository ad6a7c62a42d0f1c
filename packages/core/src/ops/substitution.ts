/** The kernel of triangular substitution and its float64 definition. It refuses to know nodes. */

import type { Kernel } from "../kernel/kernel.js";
import { type Affine, addAffine, axisTimes, scaleAffine, shiftAffine } from "../lowering/affine.js";
import { accumulated, loadAt, readBuffer, storeAt, writeBuffer } from "../lowering/opaque.js";
import * as s from "../scalar/build.js";
import { extentOf, type Shape, sizeOf } from "../shape.js";
import type { TensorType } from "../tensor.js";

export interface Substitution {
  readonly lower: boolean;
  readonly transposed: boolean;
  readonly unitDiagonal: boolean;
}

/** Row by row from the end of the triangle that is a point. Axes [matrix, column, row], then the sum over known rows. */
export function substitutionKernel(a: TensorType, b: TensorType, what: Substitution): Kernel {
  const n = extentOf(a.shape, a.shape.length - 1);
  const m = extentOf(b.shape, b.shape.length - 1);
  const forward = what.lower !== what.transposed;
  const inOrder = (axis: number): Affine =>
    forward ? axisTimes(axis) : { ...axisTimes(axis, -1), offset: n - 1 };
  const [row, known] = [inOrder(2), inOrder(3)];
  const element = (i: Affine, j: Affine): Affine => {
    const [first, second] = what.transposed ? [j, i] : [i, j];
    return addAffine(axisTimes(0, n * n), addAffine(scaleAffine(first, n), second));
  };
  const at = (i: Affine): Affine =>
    addAffine(axisTimes(0, n * m), addAffine(scaleAffine(i, m), axisTimes(1)));
  const difference = addAffine(axisTimes(2), axisTimes(3, -1));
  const bounds = [{ value: shiftAffine(difference, -1), extent: n }];
  const product = s.mul(loadAt(0, a, element(row, known), { bounds }), loadAt(2, b, at(known), { bounds }));
  const rest = s.sub(loadAt(1, b, at(row)), accumulated(0, b));
  const value = what.unitDiagonal ? rest : s.div(rest, loadAt(0, a, element(row, row)));
  return {
    buffers: [readBuffer(a), readBuffer(b), writeBuffer(b)],
    axes: [
      { extent: sizeOf(b.shape.slice(0, -2)), order: "parallel" },
      { extent: m, order: "parallel" },
      { extent: n, order: "sequential" },
    ],
    stages: [
      { axes: [n], accumulators: [{ combine: "add", value: product }], stores: [] },
      { axes: [], accumulators: [], stores: [storeAt(2, at(row), value)] },
    ],
    aliases: [[2, 1]],
  };
}

export function evaluateSubstitution(
  a: Float64Array,
  b: Float64Array,
  [n = 0, m = 0]: Shape,
  { lower, transposed, unitDiagonal }: Substitution,
): Float64Array {
  const x = Float64Array.from(b);
  const count = n * m === 0 ? 0 : b.length / (n * m);
  const element = (matrix: number, i: number, j: number): number =>
    a[matrix * n * n + (transposed ? j * n + i : i * n + j)] ?? 0;
  const rows = Array.from({ length: n }, (_, row) => row);
  if (lower === transposed) rows.reverse();
  for (let matrix = 0; matrix < count; matrix++) {
    for (let column = 0; column < m; column++) {
      const at = (row: number): number => matrix * n * m + row * m + column;
      for (const [position, row] of rows.entries()) {
        let rest = x[at(row)] ?? 0;
        for (const known of rows.slice(0, position))
          rest -= element(matrix, row, known) * (x[at(known)] ?? 0);
        x[at(row)] = unitDiagonal ? rest : rest / element(matrix, row, row);
      }
    }
  }
  return x;
}
