/** Activations as plain functions over ops: fused, they cost what an op would. */

import { ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { sigmoid, softplus } from "../ops/activation.js";
import { add, clip, greater, mul, neg, sub, where } from "../ops/arithmetic.js";
import { abs } from "../ops/rounding.js";
import { sliceAxis } from "../ops/slice.js";
import { tanh } from "../ops/trigonometric.js";
import { extentOf, normalizeAxis } from "../shape.js";

/** log(sigmoid(x)), without overflow. */
export function logSigmoid<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return neg(softplus(neg(x)));
}

/** x limited to [0, 6]. At a limit it keeps its adjoint. */
export function relu6<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return clip(x, 0, 6);
}

/** x where positive, slope · x elsewhere, for a slope that is learned and broadcasts against x. */
export function prelu<Feeds extends string>(x: Node<Feeds>, slope: Node<Feeds>): Node<Feeds> {
  return where(greater(x, 0), x, mul(slope, x));
}

/** alpha · x + beta limited to [0, 1]; alpha = 1/6, beta = 1/2 make PyTorch's. */
export function hardSigmoid<Feeds extends string>(x: Node<Feeds>, alpha = 0.2, beta = 0.5): Node<Feeds> {
  return clip(add(mul(alpha, x), beta), 0, 1);
}

/** x · hardSigmoid(x) with alpha = 1/6 (Howard et al., arXiv:1905.02244). */
export function hardSwish<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return mul(x, hardSigmoid(x, 1 / 6));
}

/** x limited to [low, high]. */
export function hardTanh<Feeds extends string>(x: Node<Feeds>, low = -1, high = 1): Node<Feeds> {
  return clip(x, low, high);
}

/** x moved towards 0 by lambda, 0 where |x| ≤ lambda. */
export function softshrink<Feeds extends string>(x: Node<Feeds>, lambda = 0.5): Node<Feeds> {
  return sub(x, clip(x, -lambda, lambda));
}

/** x, but 0 where |x| ≤ lambda. */
export function hardshrink<Feeds extends string>(x: Node<Feeds>, lambda = 0.5): Node<Feeds> {
  return where(greater(abs(x), lambda), x, 0);
}

/** x - tanh(x). */
export function tanhshrink<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return sub(x, tanh(x));
}

/** x above a limit, a fixed value elsewhere. */
export function threshold<Feeds extends string>(x: Node<Feeds>, limit: number, value: number): Node<Feeds> {
  return where(greater(x, limit), x, value);
}

/**
 * The first half of an axis, gated by the sigmoid of the second (Dauphin et al., arXiv:1612.08083).
 * @throws ShapeError for an odd extent.
 */
export function glu<Feeds extends string>(x: Node<Feeds>, axis = -1): Node<Feeds> {
  const extent = extentOf(x.shape, normalizeAxis(axis, x.shape.length, "glu"));
  if (extent % 2 !== 0)
    throw new ShapeError(`glu: axis ${axis} of ${String(x)} must have an even extent.`, String(x));
  return mul(sliceAxis(x, axis, 0, extent / 2), sigmoid(sliceAxis(x, axis, extent / 2)));
}
