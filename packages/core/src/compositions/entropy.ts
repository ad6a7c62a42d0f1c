/** Losses between distributions, one value per example or element: take their mean or sum for a training loss. */

import { isFloat, isInteger } from "../dtype.js";
import { AttributeError, DTypeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { softplus } from "../ops/activation.js";
import { add, chain, equal, mul, neg, sub, where } from "../ops/arithmetic.js";
import { sparseSoftmaxCrossEntropy } from "../ops/entropy.js";
import { exp, log, log1p, xlogy } from "../ops/exponential.js";
import { iota } from "../ops/leaf.js";
import { expandDims } from "../ops/movement.js";
import { sum } from "../ops/reduction.js";
import { logSoftmax } from "../ops/softmax.js";
import { sameShape } from "../shape.js";

export interface LabelOptions<Feeds extends string = string> {
  /** The label of examples whose loss and adjoint are 0. Only with class indices. */
  readonly ignored?: number;
  /** A factor per class, of shape [classes]. */
  readonly weights?: Node<Feeds>;
}

export interface CrossEntropyOptions<Feeds extends string = string> extends LabelOptions<Feeds> {
  /** The share of the target that is spread evenly over all classes, in [0, 1]. */
  readonly smoothing?: number;
}

function checkLabels(scores: Node, labels: Node, { weights, ignored }: LabelOptions, what: string): number {
  const classes = scores.shape.at(-1);
  const dense = isFloat(labels.dtype);
  const expected = dense ? scores.shape : scores.shape.slice(0, -1);
  if (classes === undefined || !sameShape(labels.shape, expected)) {
    throw new ShapeError(
      `${what}: ${String(labels)} must have the ${dense ? "" : "leading "}shape of ${String(scores)}.`,
      String(labels),
    );
  }
  if (!dense && !isInteger(labels.dtype)) {
    throw new DTypeError(
      `${what}: ${String(labels)} must be integer indices or probabilities.`,
      String(labels),
    );
  }
  if (weights !== undefined && !sameShape(weights.shape, [classes])) {
    throw new ShapeError(`${what}: ${String(weights)} must have shape [${classes}].`, String(weights));
  }
  if (dense && ignored !== undefined) {
    throw new AttributeError(`${what}: a label can be ignored only among class indices.`, "ignored");
  }
  return classes;
}

/** Σ over classes of what the labels choose. */
function pick<Feeds extends string>(scores: Node<Feeds>, labels: Node<Feeds>, classes: number): Node<Feeds> {
  const chosen = equal(iota([classes], 0, labels.dtype), expandDims(labels, labels.shape.length));
  return sum(where(chosen, scores, 0), { axes: -1 });
}

/** The weight of each label's class. */
function weigh<Feeds extends string>(
  loss: Node<Feeds>,
  labels: Node<Feeds>,
  classes: number,
  weights?: Node<Feeds>,
): Node<Feeds> {
  return weights === undefined ? loss : mul(loss, pick(weights, labels, classes));
}

function ignore<Feeds extends string>(loss: Node<Feeds>, labels: Node<Feeds>, ignored?: number): Node<Feeds> {
  return ignored === undefined ? loss : where(equal(labels, ignored), 0, loss);
}

/**
 * Cross-entropy of softmax(logits) against class indices or probabilities, one loss per example: logits […, classes], labels
 * […] (integers in [0, classes)) or […, classes] (floats) → […]. Take the mean for the usual training loss; with ignored
 * labels, the sum divided by the number of others.
 * @throws ShapeError, DTypeError or AttributeError for labels or weights that do not fit.
 */
export function softmaxCrossEntropy<Feeds extends string>(
  logits: Node<Feeds>,
  labels: Node<Feeds>,
  options: CrossEntropyOptions<Feeds> = {},
): Node<Feeds> {
  const { smoothing = 0, weights, ignored } = options;
  const classes = checkLabels(logits, labels, options, "softmaxCrossEntropy");
  const surprises = neg(logSoftmax(logits));
  if (isFloat(labels.dtype)) {
    const target = smoothing === 0 ? labels : add(mul(1 - smoothing, labels), smoothing / classes);
    const surprise = chain(target, surprises);
    return sum(weights === undefined ? surprise : mul(surprise, weights), { axes: -1 });
  }
  const loss = weigh(sparseSoftmaxCrossEntropy(logits, labels), labels, classes, weights);
  if (smoothing === 0) return ignore(loss, labels, ignored);
  const spread = sum(weights === undefined ? surprises : mul(surprises, weights), { axes: -1 });
  return ignore(add(mul(1 - smoothing, loss), mul(smoothing / classes, spread)), labels, ignored);
}

/**
 * Minus the log-probability of each label, one loss per example: log-probabilities […, classes], labels […] (integers in
 * [0, classes)) → […].
 */
export function negativeLogLikelihood<Feeds extends string>(
  logProbabilities: Node<Feeds>,
  labels: Node<Feeds>,
  options: LabelOptions<Feeds> = {},
): Node<Feeds> {
  if (!isInteger(labels.dtype)) {
    throw new DTypeError(`negativeLogLikelihood: ${String(labels)} must be integer indices.`, String(labels));
  }
  const classes = checkLabels(logProbabilities, labels, options, "negativeLogLikelihood");
  const loss = neg(pick(logProbabilities, labels, classes));
  return ignore(weigh(loss, labels, classes, options.weights), labels, options.ignored);
}

/** -(y log p + (1 - y) log(1 - p)) of probabilities p and targets y in [0, 1], element by element. */
export function binaryCrossEntropy<Feeds extends string>(
  probabilities: Node<Feeds>,
  targets: Node<Feeds>,
): Node<Feeds> {
  const [p, y] = [probabilities, targets];
  return neg(add(chain(y, log(p)), chain(sub(1, y), log1p(neg(p)))));
}

/**
 * Binary cross-entropy of sigmoid(logits) against targets in [0, 1], element by element, without overflow; positive examples
 * may count more by a factor that broadcasts.
 */
export function sigmoidCrossEntropy<Feeds extends string>(
  logits: Node<Feeds>,
  targets: Node<Feeds>,
  { positiveWeight }: { readonly positiveWeight?: Node<Feeds> | number } = {},
): Node<Feeds> {
  if (positiveWeight === undefined) return sub(softplus(logits), mul(logits, targets));
  const factor = add(mul(sub(positiveWeight, 1), targets), 1);
  return add(mul(sub(1, targets), logits), mul(factor, softplus(neg(logits))));
}

/**
 * Σ-terms of the Kullback–Leibler divergence, y (log y - x) for log-probabilities x and probabilities y (or their
 * logarithms), element by element; 0 where y is 0.
 */
export function klDivergence<Feeds extends string>(
  logProbabilities: Node<Feeds>,
  targets: Node<Feeds>,
  { logTargets = false }: { readonly logTargets?: boolean } = {},
): Node<Feeds> {
  if (logTargets) return mul(exp(targets), sub(targets, logProbabilities));
  return sub(xlogy(targets, targets), chain(targets, logProbabilities));
}
