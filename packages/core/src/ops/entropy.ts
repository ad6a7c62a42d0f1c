/**
 * Cross-entropy of softmax against class indices: an op because its adjoint is softmax minus the chosen class,
 * written as minus the sum of the other classes there, so that a confident network loses no digits.
 */

import { isFloat, isInteger } from "../dtype.js";
import { DTypeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { sameShape } from "../shape.js";
import { equal, mul, neg, sub, where } from "./arithmetic.js";
import { iota } from "./leaf.js";
import { expandDims, squeeze } from "./movement.js";
import { shiftedLogSum, sum } from "./reduction.js";
import { softmax } from "./softmax.js";

/** Where an index equals the position on a last axis of `classes`. */
function chosenClass(labels: Node, classes: number): Node {
  return equal(iota([classes], 0, labels.dtype), expandDims(labels, labels.shape.length));
}

const sparseSoftmaxCrossEntropyOp: Op = defineOp({
  name: "sparseSoftmaxCrossEntropy",
  doc: "log Σ exp(logits) minus the logit of each label.",
  operands: ["logits", "labels"],
  attributes: {},
  notation: "-\\log \\operatorname{softmax}({logits})_{{labels}}",
  infer: ([logits, labels]) => {
    if (!isFloat(logits.dtype)) throw new DTypeError(`logits must be float, not ${logits.dtype}`);
    if (!isInteger(labels.dtype))
      throw new DTypeError(`labels must be integer class indices, not ${labels.dtype}`);
    if (logits.shape.length === 0 || !sameShape(labels.shape, logits.shape.slice(0, -1))) {
      throw new ShapeError("labels must have the shape of the logits without their last axis");
    }
    return { dtype: logits.dtype, shape: labels.shape };
  },
  lower: () => ({
    kind: "compose",
    build: ([logits, labels]) => {
      if (logits === undefined || labels === undefined) throw new ShapeError("two operands are needed");
      const axes = [logits.shape.length - 1];
      const { shifted, logSum } = shiftedLogSum(logits, axes);
      const chosen = chosenClass(labels, logits.shape.at(-1) ?? 0);
      return sub(squeeze(logSum, axes), sum(where(chosen, shifted, 0), { axes }));
    },
  }),
  vjp: ({ operands: [logits, labels], adjoint }) => {
    const chosen = chosenClass(labels, logits.shape.at(-1) ?? 0);
    const others = where(chosen, 0, softmax(logits));
    const slope = where(chosen, neg(sum(others, { axes: -1, keepDims: true })), others);
    return [mul(expandDims(adjoint, adjoint.shape.length), slope), undefined];
  },
});

/**
 * Cross-entropy of softmax(logits) against class indices, one loss per example: logits […, classes], labels […] (integers in
 * [0, classes)) → […]. Exact also where one logit outweighs the others.
 * @throws ShapeError or DTypeError for labels that do not fit.
 */
export const sparseSoftmaxCrossEntropy = opFunction(
  sparseSoftmaxCrossEntropyOp,
  <Feeds extends string>(logits: Node<Feeds>, labels: Node<Feeds>): Node<Feeds> =>
    createNode(sparseSoftmaxCrossEntropyOp, [logits, labels]),
);
