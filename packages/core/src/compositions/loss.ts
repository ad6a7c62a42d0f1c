/** Losses as plain functions over ops. */

import { DTypeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { equal, sub, where, zerosLike } from "../ops/arithmetic.js";
import { iota } from "../ops/leaf.js";
import { expandDims } from "../ops/movement.js";
import { logSumExp, sum } from "../ops/reduction.js";
import { sameShape } from "../shape.js";

/**
 * Cross-entropy of softmax(logits) against class indices, one loss per example:
 * logits […, classes], labels […] (integers in [0, classes)) → […]. Take the mean for the usual training loss.
 */
export function softmaxCrossEntropy<Feeds extends string>(logits: Node<Feeds>, labels: Node<Feeds>): Node<Feeds> {
  const classes = logits.shape.at(-1);
  if (classes === undefined || !sameShape(labels.shape, logits.shape.slice(0, -1))) {
    throw new ShapeError(`softmaxCrossEntropy: ${String(labels)} must have the leading shape of ${String(logits)}.`);
  }
  if (labels.dtype !== "int32") {
    throw new DTypeError(`softmaxCrossEntropy: labels must be int32 class indices, not ${String(labels)}.`);
  }
  const chosen = equal(iota([classes]), expandDims(labels, labels.shape.length));
  return sub(logSumExp(logits, { axes: -1 }), sum(where(chosen, logits, zerosLike(logits)), { axes: -1 }));
}
