/** Linear algebra on small matrices, batched over leading axes, as plain functions over factorizations and products. */

import { AttributeError, DTypeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { cast, less, mul, neg, sub, where } from "../ops/arithmetic.js";
import { matmul } from "../ops/contraction.js";
import { factorsOf, logAbsDet, solve } from "../ops/elimination.js";
import { exp } from "../ops/exponential.js";
import { gather } from "../ops/indexing.js";
import { constant, iota } from "../ops/leaf.js";
import { onDiagonal } from "../ops/linalg.js";
import { expandDims, reshape, transpose } from "../ops/movement.js";
import { prod } from "../ops/product.js";
import { broadcastTo, sum } from "../ops/reduction.js";
import { sign } from "../ops/rounding.js";
import { sliceAxis } from "../ops/slice.js";
import { broadcastShapes, extentOf, formatShape, normalizeAxis } from "../shape.js";

/** The extent of square matrices. */
function orderOf(a: Node, what: string): number {
  const n = a.shape.at(-1);
  if (n === undefined || a.shape.at(-2) !== n) {
    throw new ShapeError(`${what}: ${String(a)} must be square matrices […, n, n].`, String(a));
  }
  if (!a.dtype.startsWith("float"))
    throw new DTypeError(`${what}: ${String(a)} must be of a float dtype.`, String(a));
  return n;
}

/** Identity matrices shaped and typed like square matrices a. */
function identityLike(a: Node): Node<never> {
  return broadcastTo(cast(onDiagonal(a.shape), a.dtype), a.shape);
}

/** The inverse of square matrices a […, n, n]. Singular ones give infinities or NaN. */
export function inverse<Feeds extends string>(a: Node<Feeds>): Node<Feeds> {
  orderOf(a, "inverse");
  return solve(a, identityLike(a));
}

/** The largest order whose determinant is computed without division. */
const divisionFree = 6;

/**
 * The determinant of a […, n, n] → […]. Up to n = 6 by Bird's algorithm, which has no division, so that every derivative is
 * exact for singular matrices too; above by elimination, where derivatives need a regular matrix.
 * Source: Bird, "A simple division-free algorithm for computing determinants", Inf. Process. Lett. 111, 2011.
 */
export function det<Feeds extends string>(a: Node<Feeds>): Node<Feeds> {
  const n = orderOf(a, "det");
  const batch = a.shape.slice(0, -2);
  if (n === 0) return broadcastTo(constant(1, { dtype: a.dtype }), batch);
  if (n > divisionFree) {
    const { sign: direction, logAbsDet: magnitude } = slogdet(a);
    return mul(direction, exp(magnitude));
  }
  const above = less(iota([n, n], 0), iota([n, n], 1));
  let power = a;
  for (let step = 1; step < n; step++) {
    const diagonal = sum(where(onDiagonal(a.shape), power, 0), { axes: -2, keepDims: true });
    const trailing = sum(where(above, diagonal, 0), { axes: -1, keepDims: true });
    power = matmul(where(above, power, where(onDiagonal(a.shape), neg(trailing), 0)), a);
  }
  const corner = reshape(sliceAxis(sliceAxis(power, -1, 0, 1), -2, 0, 1), batch);
  return n % 2 === 0 ? neg(corner) : corner;
}

/** The sign of the determinant (0 for singular matrices, without adjoint) and the logarithm of its magnitude, each […]. */
export function slogdet<Feeds extends string>(
  a: Node<Feeds>,
): { readonly sign: Node<Feeds>; readonly logAbsDet: Node<Feeds> } {
  const n = orderOf(a, "slogdet");
  const { packed, order } = factorsOf(a);
  const diagonal = where(onDiagonal(a.shape), sign(packed), 1);
  const above = less(iota([n, n], 0), iota([n, n], 1));
  const ascending = less(expandDims(order, -1), expandDims(order, -2));
  const one = constant(1, { dtype: a.dtype });
  const exchanges = where(above, where(ascending, one, -1), one);
  return { sign: prod(mul(diagonal, exchanges), { axes: [-2, -1] }), logAbsDet: logAbsDet(a) };
}

/** a · a · … (exponent times) of square matrices, by repeated squaring; a negative exponent inverts first. */
export function matrixPower<Feeds extends string>(a: Node<Feeds>, exponent: number): Node<Feeds> {
  orderOf(a, "matrixPower");
  if (!Number.isInteger(exponent)) {
    throw new AttributeError(`matrixPower: the exponent ${exponent} must be an integer.`, "exponent");
  }
  let square = exponent < 0 ? inverse(a) : a;
  let result: Node<Feeds> | undefined;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : matmul(result, square);
    if (rest > 1) square = matmul(square, square);
  }
  return result ?? identityLike(a);
}

/**
 * The Moore–Penrose inverse of a […, m, n] of full rank → […, n, m]: (aᵀ a)⁻¹ aᵀ or aᵀ (a aᵀ)⁻¹, which squares the condition
 * number. Matrices of lower rank give infinities, NaN or noise.
 */
export function pinv<Feeds extends string>(a: Node<Feeds>): Node<Feeds> {
  if (a.shape.length < 2) throw new ShapeError(`pinv: ${String(a)} must be matrices […, m, n].`, String(a));
  const [m, n] = [extentOf(a.shape, a.shape.length - 2), extentOf(a.shape, a.shape.length - 1)];
  if (m === n) return inverse(a);
  return m > n ? solve(matmul(transpose(a), a), transpose(a)) : transpose(solve(matmul(a, transpose(a)), a));
}

/**
 * The product of a chain of matrices in the order that needs the fewest multiplications; the first and last may be vectors.
 * Source: dynamic programming over splits, Cormen et al., "Introduction to Algorithms", section 14.2.
 */
export function multiDot<Feeds extends string>(matrices: readonly Node<Feeds>[]): Node<Feeds> {
  const [first] = matrices;
  if (first === undefined) throw new ShapeError("multiDot takes at least one matrix.");
  const extents = [rowsOf(first), ...matrices.map((matrix) => matrix.shape.at(-1) ?? 1)];
  if (matrices.length > 1 && matrices.at(-1)?.shape.length === 1) extents[extents.length - 1] = 1;
  const splits = cheapestSplits(extents);
  const chain = (from: number, to: number): Node<Feeds> => {
    const split = splits[from]?.[to] ?? from;
    return from === to ? (matrices[from] ?? first) : matmul(chain(from, split), chain(split + 1, to));
  };
  return chain(0, matrices.length - 1);
}

function rowsOf(matrix: Node): number {
  return matrix.shape.length === 1 ? 1 : (matrix.shape.at(-2) ?? 1);
}

/** For each stretch from … to of a chain, after which matrix to split it; matrix k is extents[k] × extents[k + 1]. */
function cheapestSplits(extents: readonly number[]): number[][] {
  const count = extents.length - 1;
  const costs = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const splits = Array.from({ length: count }, (_, from) => new Array<number>(count).fill(from));
  const at = (k: number): number => extents[k] ?? 1;
  for (let length = 1; length < count; length++) {
    for (let from = 0; from + length < count; from++) {
      const to = from + length;
      let least = Number.POSITIVE_INFINITY;
      for (let split = from; split < to; split++) {
        const cost =
          (costs[from]?.[split] ?? 0) + (costs[split + 1]?.[to] ?? 0) + at(from) * at(split + 1) * at(to + 1);
        if (cost >= least) continue;
        least = cost;
        splits[from]?.splice(to, 1, split);
      }
      costs[from]?.splice(to, 1, least);
    }
  }
  return splits;
}

/** The vector product along an axis of extent 3 (the last unless given) of a and b, which broadcast. */
export function cross<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>, axis = -1): Node<Feeds> {
  const shape = broadcastShapes([a.shape, b.shape]);
  const at = shape === undefined ? -1 : normalizeAxis(axis, shape.length, "cross");
  if (shape?.[at] !== 3) {
    throw new ShapeError(
      `cross: ${formatShape(a.shape)} and ${formatShape(b.shape)} must broadcast to a shape of extent 3 on axis ${axis}.`,
      String(a),
    );
  }
  const [next, before] = [constant([1, 2, 0], { dtype: "int32" }), constant([2, 0, 1], { dtype: "int32" })];
  const [left, right] = [broadcastTo(a, shape), broadcastTo(b, shape)];
  const forward = mul(gather(left, next, at), gather(right, before, at));
  return sub(forward, mul(gather(left, before, at), gather(right, next, at)));
}
