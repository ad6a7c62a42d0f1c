/** Losses between values, one per element or example: take their mean or sum for a training loss. */

import { AttributeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { softplus } from "../ops/activation.js";
import { add, div, equal, lessEqual, maximum, minimum, mul, neg, sub, where } from "../ops/arithmetic.js";
import { exp, log, square, xlogy } from "../ops/exponential.js";
import { abs } from "../ops/rounding.js";
import { cosineSimilarity, norm } from "./statistics.js";

/** (x - target)², element by element. */
export function squaredError<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>): Node<Feeds> {
  return square(sub(x, target));
}

/** |x - target|, element by element. Its adjoint is 0 where they are equal. */
export function absoluteError<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>): Node<Feeds> {
  return abs(sub(x, target));
}

/** Half the squared error up to a distance of delta, and linear beyond (Huber, 1964), element by element. */
export function huber<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>, delta = 1): Node<Feeds> {
  const distance = abs(sub(x, target));
  const near = minimum(distance, delta);
  return mul(near, sub(distance, mul(0.5, near)));
}

/** Huber's loss divided by its limit beta; the absolute error for beta = 0. */
export function smoothL1<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>, beta = 1): Node<Feeds> {
  if (beta < 0) throw new AttributeError(`smoothL1: beta ${beta} must not be negative.`, "beta");
  return beta === 0 ? absoluteError(x, target) : mul(1 / beta, huber(x, target, beta));
}

/** max(0, margin - x · target) for targets of -1 and 1, element by element. */
export function hinge<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>, margin = 1): Node<Feeds> {
  return maximum(sub(margin, mul(x, target)), 0);
}

/** x where the target is 1, max(0, margin - x) where it is -1, for distances x. */
export function hingeEmbedding<Feeds extends string>(
  x: Node<Feeds>,
  target: Node<Feeds>,
  margin = 1,
): Node<Feeds> {
  return where(equal(target, 1), x, maximum(sub(margin, x), 0));
}

/** log(1 + exp(-x · target)) for targets of -1 and 1, element by element. */
export function softMargin<Feeds extends string>(x: Node<Feeds>, target: Node<Feeds>): Node<Feeds> {
  return softplus(neg(mul(x, target)));
}

/** max(0, margin - target · (a - b)): a should rank above b where the target is 1, below where it is -1. */
export function marginRanking<Feeds extends string>(
  a: Node<Feeds>,
  b: Node<Feeds>,
  target: Node<Feeds>,
  margin = 0,
): Node<Feeds> {
  return hinge(sub(a, b), target, margin);
}

/** 1 - cos(a, b) where the target is 1, max(0, cos(a, b) - margin) where it is -1: […, features] twice, […] → […]. */
export function cosineEmbedding<Feeds extends string>(
  a: Node<Feeds>,
  b: Node<Feeds>,
  target: Node<Feeds>,
  margin = 0,
): Node<Feeds> {
  const similarity = cosineSimilarity(a, b);
  return where(equal(target, 1), sub(1, similarity), maximum(sub(similarity, margin), 0));
}

export interface TripletOptions {
  readonly margin?: number;
  /** The norm of the distances, 2 when absent. */
  readonly p?: number;
  /** Added to every difference, so that equal points are no kink; 1e-6 when absent. */
  readonly epsilon?: number;
  /** Take the negative's distance from the positive where that is smaller than from the anchor. */
  readonly swap?: boolean;
}

/** max(0, |anchor - positive| - |anchor - negative| + margin): […, features] three times → […] (Schroff et al., 2015). */
export function triplet<Feeds extends string>(
  anchor: Node<Feeds>,
  positive: Node<Feeds>,
  negative: Node<Feeds>,
  { margin = 1, p = 2, epsilon = 1e-6, swap = false }: TripletOptions = {},
): Node<Feeds> {
  const distance = (a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> =>
    norm(add(sub(a, b), epsilon), p, { axes: -1 });
  const far = distance(anchor, negative);
  const farthest = swap ? minimum(far, distance(positive, negative)) : far;
  return maximum(add(sub(distance(anchor, positive), farthest), margin), 0);
}

export interface PoissonOptions {
  /** Whether x is the logarithm of the rate (as when absent) or the rate. */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of log(target!) where the target is above 1. */
  readonly full?: boolean;
  /** Added to a rate before its logarithm is taken, 1e-8 when absent. */
  readonly epsilon?: number;
}

/** Minus the log-likelihood of counts under a Poisson distribution, element by element, up to what depends on them alone. */
export function poissonLoss<Feeds extends string>(
  x: Node<Feeds>,
  target: Node<Feeds>,
  { logInput = true, full = false, epsilon = 1e-8 }: PoissonOptions = {},
): Node<Feeds> {
  const loss = logInput ? sub(exp(x), mul(target, x)) : sub(x, mul(target, log(add(x, epsilon))));
  if (!full) return loss;
  const many = maximum(target, 1);
  const stirling = add(sub(xlogy(many, many), many), mul(0.5, log(mul(2 * Math.PI, many))));
  return add(loss, where(lessEqual(target, 1), 0, stirling));
}

/**
 * Minus the log-likelihood of targets under independent normal distributions, element by element; a variance counts as at
 * least epsilon. The constant log(2π) / 2 only with `full`.
 */
export function gaussianLoss<Feeds extends string>(
  mean: Node<Feeds>,
  target: Node<Feeds>,
  variance: Node<Feeds>,
  { epsilon = 1e-6, full = false }: { readonly epsilon?: number; readonly full?: boolean } = {},
): Node<Feeds> {
  const spread = maximum(variance, epsilon);
  const loss = mul(0.5, add(log(spread), div(square(sub(mean, target)), spread)));
  return full ? add(loss, 0.5 * Math.log(2 * Math.PI)) : loss;
}
