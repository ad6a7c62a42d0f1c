/** Reductions and the repetition that is their adjoint. */

import { ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, type OpFunction, opFunction } from "../graph/op.js";
import type { Combine } from "../kernel/combine.js";
import { broadcastAccess, reduceLoops, viewLoops } from "../lowering/loops.js";
import {
  broadcastShapes,
  checkAxes,
  extentOf,
  formatShape,
  normalizeAxes,
  type Shape,
  sameShape,
  sizeOf,
} from "../shape.js";
import type { TensorType } from "../tensor.js";
import { add, cast, div, equal, mul, sub, where, zerosLike } from "./arithmetic.js";
import { inferElementwise } from "./elementwise.js";
import { exp, log1p } from "./exponential.js";
import { isFinite as finite } from "./logic.js";
import { reshape } from "./movement.js";

export interface ReductionOptions {
  /** Axes to reduce, negative ones from the end; all when absent. */
  readonly axes?: readonly number[] | number;
  /** Keep reduced axes with extent 1. */
  readonly keepDims?: boolean;
}

export type Reduction = OpFunction<
  <Feeds extends string>(x: Node<Feeds>, options?: ReductionOptions) => Node<Feeds>
>;

export const reductionAttributes = { axes: "integers", keepDims: "boolean" } as const;

/** The shape of a reduction. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));
}

export function inferReduction(x: TensorType, axes: readonly number[], keepDims: boolean): TensorType {
  checkAxes(axes, x.shape.length, "reduction");
  return { dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) };
}

/** The function of a reduction's op. */
export function reduction(op: Op): Reduction {
  return opFunction(
    op,
    <Feeds extends string>(x: Node<Feeds>, options: ReductionOptions = {}): Node<Feeds> => {
      const axes = normalizeAxes(options.axes, x.shape.length, op.name);
      return createNode(op, [x], { axes, keepDims: options.keepDims ?? false });
    },
  );
}

/** A reduced node with its reduced axes back as extent 1, so that it broadcasts against what was reduced. */
export function restoreDims(reduced: Node, shape: Shape, axes: readonly number[]): Node {
  return reshape(reduced, reducedShape(shape, axes, true));
}

function reductionOp(
  name: string,
  doc: string,
  notation: string,
  combine: Combine,
  domain: "number" | "bool",
  vjp?: (x: Node, node: Node, adjoint: Node) => Node,
): Op {
  return defineOp<readonly ["x"], typeof reductionAttributes>({
    name,
    doc,
    operands: ["x"],
    attributes: reductionAttributes,
    notation,
    infer: ([x], { axes, keepDims }) => {
      inferElementwise([x], domain);
      return inferReduction(x, axes, keepDims);
    },
    lower: ([x], { axes, keepDims }) => ({ kind: "reduce", loops: reduceLoops(x, axes, keepDims, combine) }),
    ...(vjp === undefined
      ? {}
      : {
          vjp: ({ node, operands: [x], attributes: { axes }, adjoint }) => [
            vjp(x, restoreDims(node, x.shape, axes), restoreDims(adjoint, x.shape, axes)),
          ],
        }),
  });
}

/** Sum over axes; 0 over nothing. */
export const sum: Reduction = reduction(
  reductionOp("sum", "Sum over axes.", "\\sum {x}", "add", "number", (x, _, adjoint) =>
    broadcastTo(adjoint, x.shape),
  ),
);

function shareAmongTies(x: Node, extreme: Node, adjoint: Node): Node {
  const ties = equal(x, extreme);
  const axes = extreme.shape.flatMap((extent, axis) => (extent !== x.shape[axis] ? [axis] : []));
  const count = sum(cast(ties, x.dtype), { axes, keepDims: true });
  return where(ties, div(adjoint, count), zerosLike(x));
}

/** Largest element over axes; -∞ over nothing; NaN if any is. Ties share the adjoint evenly. */
export const max: Reduction = reduction(
  reductionOp(
    "max",
    "Largest element over axes; ties share the adjoint evenly.",
    "\\max {x}",
    "max",
    "number",
    shareAmongTies,
  ),
);

/** Smallest element over axes; ∞ over nothing; NaN if any is. Ties share the adjoint evenly. */
export const min: Reduction = reduction(
  reductionOp(
    "min",
    "Smallest element over axes; ties share the adjoint evenly.",
    "\\min {x}",
    "min",
    "number",
    shareAmongTies,
  ),
);

/** Whether any element over axes holds; false over nothing. */
export const any: Reduction = reduction(
  reductionOp("any", "Whether any element over axes holds.", "\\bigvee {x}", "or", "bool"),
);

/** Whether every element over axes holds; true over nothing. */
export const all: Reduction = reduction(
  reductionOp("all", "Whether every element over axes holds.", "\\bigwedge {x}", "and", "bool"),
);

/** Mean over axes; NaN over nothing. */
export function mean<Feeds extends string>(x: Node<Feeds>, options: ReductionOptions = {}): Node<Feeds> {
  const axes = normalizeAxes(options.axes, x.shape.length, "mean");
  const count = sizeOf(axes.map((axis) => extentOf(x.shape, axis)));
  return mul(sum(x, { ...options, axes }), 1 / count);
}

/**
 * The finite maximum m over axes, x - m, and log Σ exp(x - m) as log1p of what the maxima leave: exact where one
 * element outweighs the others.
 */
export function shiftedLogSum(
  x: Node,
  axes: readonly number[],
): { shift: Node; shifted: Node; logSum: Node } {
  const largest = max(x, { axes, keepDims: true });
  const shift = where(finite(largest), largest, 0);
  const shifted = sub(x, shift);
  const top = equal(shifted, 0);
  const rest = sum(where(top, 0, exp(shifted)), { axes, keepDims: true });
  const tops = sum(cast(top, x.dtype), { axes, keepDims: true });
  return { shift, shifted, logSum: log1p(add(rest, sub(tops, 1))) };
}

const logSumExpOp: Op = defineOp({
  name: "logSumExp",
  doc: "log Σ exp(x) over axes, without overflow.",
  operands: ["x"],
  attributes: reductionAttributes,
  notation: "\\log \\sum e^{{x}}",
  infer: ([x], { axes, keepDims }) => inferReduction(inferElementwise([x], "float"), axes, keepDims),
  lower: (_, { axes, keepDims }) => ({
    kind: "compose",
    build: ([x]) => {
      if (x === undefined) throw new ShapeError("logSumExp takes one operand");
      const { shift, logSum } = shiftedLogSum(x, axes);
      return reshape(add(logSum, shift), reducedShape(x.shape, axes, keepDims));
    },
  }),
  // The share of each element, from differences to the maximum: the result has lost their digits. An infinite element
  // takes all; where everything is -∞ nothing has a share.
  vjp: ({ operands: [x], attributes: { axes }, adjoint }) => {
    const powers = exp(shiftedLogSum(x, axes).shifted);
    const total = sum(powers, { axes, keepDims: true });
    const share = div(powers, where(equal(total, 0), 1, total));
    const whole = where(equal(powers, Number.POSITIVE_INFINITY), 1, share);
    return [mul(restoreDims(adjoint, x.shape, axes), whole)];
  },
});

/** log Σ exp(x) over axes, without overflow (the maximum is subtracted first). */
export const logSumExp: Reduction = reduction(logSumExpOp);

const broadcastToOp: Op = defineOp({
  name: "broadcastTo",
  doc: "Repetition along leading axes and axes of extent 1, as NumPy broadcasts.",
  operands: ["x"],
  attributes: { shape: "integers" },
  resultShape: "shape",
  notation: "{x}",
  infer: ([x], { shape }) => {
    const common = broadcastShapes([x.shape, shape]);
    if (common === undefined || !sameShape(common, shape)) {
      throw new ShapeError(`${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
    }
    return { dtype: x.dtype, shape };
  },
  lower: ([x], _, output) => ({
    kind: "view",
    loops: viewLoops(x, broadcastAccess(x.shape, output.shape).index),
  }),
  vjp: ({ operands: [x], adjoint }) => [sumTo(adjoint, x.shape)],
});

/** Repeats x to a larger shape. */
export const broadcastTo = opFunction(
  broadcastToOp,
  <Feeds extends string>(x: Node<Feeds>, shape: Shape): Node<Feeds> =>
    sameShape(x.shape, shape) ? x : createNode(broadcastToOp, [x], { shape: [...shape] }),
);

/** Sums what broadcasting repeated: the adjoint of broadcasting `shape` to the node's shape. */
export function sumTo<Feeds extends string>(node: Node<Feeds>, shape: Shape): Node<Feeds> {
  if (sameShape(node.shape, shape)) return node;
  const lead = node.shape.length - shape.length;
  const axes = node.shape.flatMap((extent, axis) =>
    axis < lead || shape[axis - lead] !== extent ? [axis] : [],
  );
  return reshape(sum(node, { axes }), shape);
}
