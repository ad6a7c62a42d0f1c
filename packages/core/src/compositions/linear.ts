/** Products with weights, as layers use them. */

import { ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/contraction.js";
import { expandDims, reshape, transpose } from "../ops/movement.js";
import { sum } from "../ops/reduction.js";
import { extentOf, formatShape, sizeOf } from "../shape.js";

/** x wᵀ + bias: x […, inputs], w [outputs, inputs], bias [outputs] → […, outputs]. */
export function linear<Feeds extends string>(
  x: Node<Feeds>,
  w: Node<Feeds>,
  bias?: Node<Feeds>,
): Node<Feeds> {
  if (w.shape.length !== 2 || x.shape.length === 0) {
    throw new ShapeError(
      `linear: w must be [outputs, inputs] and x […, inputs], not ${String(w)} and ${String(x)}.`,
      String(w),
    );
  }
  const product = matmul(x, transpose(w));
  return bias === undefined ? product : add(product, bias);
}

/** Σ_ij a_i w_kij b_j + bias_k: a […, n], b […, m] with equal leading axes, w [outputs, n, m] → […, outputs]. */
export function bilinear<Feeds extends string>(
  a: Node<Feeds>,
  b: Node<Feeds>,
  w: Node<Feeds>,
  bias?: Node<Feeds>,
): Node<Feeds> {
  const [outputs, n, m] = w.shape;
  if (
    outputs === undefined ||
    n === undefined ||
    m === undefined ||
    w.shape.length !== 3 ||
    a.shape.at(-1) !== n ||
    b.shape.at(-1) !== m
  ) {
    throw new ShapeError(
      `bilinear: a […, n], b […, m] and w [outputs, n, m] do not fit: ${formatShape(a.shape)}, ${formatShape(b.shape)} and ` +
        `${formatShape(w.shape)}.`,
      String(w),
    );
  }
  const batch = a.shape.slice(0, -1);
  const rows = sizeOf(batch);
  const left = matmul(reshape(a, [rows, n]), reshape(transpose(w, [1, 0, 2]), [n, outputs * m]));
  const product = sum(mul(reshape(left, [rows, outputs, m]), expandDims(reshape(b, [rows, m]), 1)), {
    axes: -1,
  });
  const shaped = reshape(product, [...batch, outputs]);
  return bias === undefined ? shaped : add(shaped, bias);
}

/** The product of every element of a with every element of b: [A…], [B…] → [A…, B…]. */
export function outer<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  return mul(reshape(a, [...a.shape, ...b.shape.map(() => 1)]), b);
}

/** The inner product over the last axis of a and the second to last (or only) axis of b, as NumPy's dot. */
export function dot<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  if (a.shape.length === 0 || b.shape.length === 0) return mul(a, b);
  const inner = b.shape.length === 1 ? 0 : b.shape.length - 2;
  const n = a.shape.at(-1);
  if (n === undefined || b.shape[inner] !== n) {
    throw new ShapeError(
      `dot: the last axis of ${String(a)} and axis ${inner} of ${String(b)} must be equal.`,
      String(b),
    );
  }
  const others = b.shape.flatMap((_, axis) => (axis === inner ? [] : [axis]));
  const left = a.shape.slice(0, -1);
  const right = others.map((axis) => extentOf(b.shape, axis));
  const columns = reshape(transpose(b, [inner, ...others]), [n, sizeOf(right)]);
  return reshape(matmul(reshape(a, [sizeOf(left), n]), columns), [...left, ...right]);
}
