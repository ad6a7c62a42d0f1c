/** Statistics, norms and positions of extremes as plain functions over ops. */

import { AttributeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { div, equal, maximum, mul, sub, where, zerosLike } from "../ops/arithmetic.js";
import { pow, sqrt, square } from "../ops/exponential.js";
import { constant, iota } from "../ops/leaf.js";
import { logicalOr, isNaN as notNumber } from "../ops/logic.js";
import { reshape } from "../ops/movement.js";
import { max, mean, min, type Reduction, type ReductionOptions, sum } from "../ops/reduction.js";
import { abs } from "../ops/rounding.js";
import { extentOf, normalizeAxes, normalizeAxis, sizeOf } from "../shape.js";

export interface VarianceOptions extends ReductionOptions {
  /** What is taken off the number of elements before dividing by it: 0 for a population, 1 for a sample. */
  readonly correction?: number;
}

/** Mean square deviation from the mean over axes. */
export function variance<Feeds extends string>(x: Node<Feeds>, options: VarianceOptions = {}): Node<Feeds> {
  const { correction = 0, keepDims = false } = options;
  const axes = normalizeAxes(options.axes, x.shape.length, "variance");
  const count = sizeOf(axes.map((axis) => extentOf(x.shape, axis)));
  const deviation = sub(x, mean(x, { axes, keepDims: true }));
  return mul(1 / Math.max(0, count - correction), sum(square(deviation), { axes, keepDims }));
}

/** √x whose adjoint is 0 at 0, for sums of squares. */
function rootOfSquares<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  const vanished = equal(x, 0);
  return where(vanished, 0, sqrt(where(vanished, 1, x)));
}

/** Square root of the variance. Its adjoint is 0 where all elements are equal. */
export function std<Feeds extends string>(x: Node<Feeds>, options: VarianceOptions = {}): Node<Feeds> {
  return rootOfSquares(variance(x, options));
}

/** |x|^p with adjoint 0 at 0, where the rule would give ∞ or, to second order, 0 · ∞. */
function powerOfMagnitude<Feeds extends string>(x: Node<Feeds>, p: number): Node<Feeds> {
  if (p < 0 || p >= 2) return pow(abs(x), p);
  const vanished = equal(x, 0);
  return where(vanished, 0, pow(abs(where(vanished, 1, x)), p));
}

/**
 * (Σ |x|^p)^(1/p) over axes, 2 unless said otherwise; the largest magnitude for p = ∞, the smallest for -∞, and the number of
 * non-zero elements for 0. Its adjoint is 0 where the norm is 0.
 */
export function norm<Feeds extends string>(
  x: Node<Feeds>,
  p = 2,
  options: ReductionOptions = {},
): Node<Feeds> {
  if (Number.isNaN(p)) throw new AttributeError("norm: p must be a number.", "p");
  if (p === 2) return rootOfSquares(sum(square(x), options));
  if (p === 1) return sum(abs(x), options);
  if (p === 0) return sum(where(equal(x, 0), zerosLike(x), constant(1, { dtype: x.dtype })), options);
  if (p === Number.POSITIVE_INFINITY) return max(abs(x), options);
  if (p === Number.NEGATIVE_INFINITY) return min(abs(x), options);
  const total = sum(powerOfMagnitude(x, p), options);
  const vanished = equal(total, 0);
  return where(vanished, 0, pow(where(vanished, 1, total), 1 / p));
}

/** x divided by its norm over axes (the last one when absent), or by epsilon where the norm is smaller. */
export function normalize<Feeds extends string>(
  x: Node<Feeds>,
  p = 2,
  {
    axes = -1,
    epsilon = 1e-12,
  }: { readonly axes?: readonly number[] | number; readonly epsilon?: number } = {},
): Node<Feeds> {
  return div(x, maximum(norm(x, p, { axes, keepDims: true }), epsilon));
}

/** Σ a b / (max(|a|, epsilon) max(|b|, epsilon)) over an axis. */
export function cosineSimilarity<Feeds extends string>(
  a: Node<Feeds>,
  b: Node<Feeds>,
  { axis = -1, epsilon = 1e-8 }: { readonly axis?: number; readonly epsilon?: number } = {},
): Node<Feeds> {
  const unit = (x: Node<Feeds>): Node<Feeds> => normalize(x, 2, { axes: axis, epsilon });
  return sum(mul(unit(a), unit(b)), { axes: axis });
}

export interface PositionOptions {
  /** The axis searched; the flattened tensor when absent. */
  readonly axis?: number;
  /** Keep the axis with extent 1. */
  readonly keepDims?: boolean;
}

/** The first position along an axis where x equals its extreme, or is NaN. */
function firstPosition<Feeds extends string>(
  x: Node<Feeds>,
  extreme: Reduction,
  { axis, keepDims = false }: PositionOptions,
): Node<Feeds> {
  if (axis === undefined) {
    const position = firstPosition(reshape(x, [sizeOf(x.shape)]), extreme, { axis: 0 });
    return keepDims
      ? reshape(
          position,
          x.shape.map(() => 1),
        )
      : position;
  }
  const at = normalizeAxis(axis, x.shape.length, "argMax, argMin");
  const extent = extentOf(x.shape, at);
  if (extent === 0)
    throw new ShapeError(`argMax, argMin: axis ${at} of ${String(x)} has no element.`, String(x));
  const found = equal(x, extreme(x, { axes: at, keepDims: true }));
  const shape = x.shape.map((_, other) => (other === at ? extent : 1));
  const chosen = x.dtype.startsWith("float") ? logicalOr(found, notNumber(x)) : found;
  return min(where(chosen, iota(shape, at), extent), { axes: at, keepDims });
}

/** Position of the largest element along an axis, the first of equals, as int32. A NaN counts as larger than any number. */
export function argMax<Feeds extends string>(x: Node<Feeds>, options: PositionOptions = {}): Node<Feeds> {
  return firstPosition(x, max, options);
}

/** Position of the smallest element along an axis, the first of equals, as int32. A NaN counts as smaller than any number. */
export function argMin<Feeds extends string>(x: Node<Feeds>, options: PositionOptions = {}): Node<Feeds> {
  return firstPosition(x, min, options);
}
