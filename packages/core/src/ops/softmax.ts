/** Softmax and its logarithm: ops because their adjoints need nothing but the result. */

import { ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, type OpFunction, opFunction } from "../graph/op.js";
import { checkAxes, normalizeAxes } from "../shape.js";
import { mul, reciprocal, sub, where } from "./arithmetic.js";
import { inferElementwise } from "./elementwise.js";
import { exp } from "./exponential.js";
import { isFinite as finite } from "./logic.js";
import { max, shiftedLogSum, sum } from "./reduction.js";

export interface SoftmaxOptions {
  /** The axes that are normalized over, the last one when absent. */
  readonly axes?: readonly number[] | number;
}

export type Softmax = OpFunction<
  <Feeds extends string>(x: Node<Feeds>, options?: SoftmaxOptions) => Node<Feeds>
>;

function softmaxOp(
  name: string,
  doc: string,
  notation: string,
  build: (x: Node, axes: readonly number[]) => Node,
  vjp: (node: Node, adjoint: Node, axes: readonly number[]) => Node,
): Op {
  return defineOp<readonly ["x"], { readonly axes: "integers" }>({
    name,
    doc,
    operands: ["x"],
    attributes: { axes: "integers" },
    notation,
    infer: ([x], { axes }) => {
      checkAxes(axes, x.shape.length, name);
      return inferElementwise([x], "float");
    },
    lower: (_, { axes }) => ({
      kind: "compose",
      build: ([x]) => {
        if (x === undefined) throw new ShapeError(`${name} takes one operand`);
        return build(x, axes);
      },
    }),
    vjp: ({ node, attributes: { axes }, adjoint }) => [vjp(node, adjoint, axes)],
  });
}

function softmaxFunction(op: Op): Softmax {
  return opFunction(
    op,
    <Feeds extends string>(x: Node<Feeds>, { axes = -1 }: SoftmaxOptions = {}): Node<Feeds> =>
      createNode(op, [x], { axes: normalizeAxes(axes, x.shape.length, op.name) }),
  );
}

/** exp(x) / Σ exp(x) over axes, without overflow. */
export const softmax: Softmax = softmaxFunction(
  softmaxOp(
    "softmax",
    "exp(x) / Σ exp(x) over axes, without overflow.",
    "\\operatorname{softmax}({x})",
    (x, axes) => {
      const largest = max(x, { axes, keepDims: true });
      const powers = exp(sub(x, where(finite(largest), largest, 0)));
      return mul(powers, reciprocal(sum(powers, { axes, keepDims: true })));
    },
    (node, adjoint, axes) => mul(node, sub(adjoint, sum(mul(adjoint, node), { axes, keepDims: true }))),
  ),
);

/** x - log Σ exp(x) over axes, without overflow. */
export const logSoftmax: Softmax = softmaxFunction(
  softmaxOp(
    "logSoftmax",
    "x - log Σ exp(x) over axes, without overflow.",
    "\\log \\operatorname{softmax}({x})",
    (x, axes) => {
      const { shifted, logSum } = shiftedLogSum(x, axes);
      return sub(shifted, logSum);
    },
    (node, adjoint, axes) => sub(adjoint, mul(exp(node), sum(adjoint, { axes, keepDims: true }))),
  ),
);
