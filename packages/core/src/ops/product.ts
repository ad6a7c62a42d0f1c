/** The product over axes. Its adjoint divides by nothing, so that it is right with any number of zeros, to every order. */

import type { Node } from "../graph/node.js";
import { defineOp, type Op } from "../graph/op.js";
import { reduceLoops } from "../lowering/loops.js";
import { sizeOf } from "../shape.js";
import { mul } from "./arithmetic.js";
import { cumProd } from "./cumulative.js";
import { inferElementwise } from "./elementwise.js";
import { reshape, transpose } from "./movement.js";
import { inferReduction, type Reduction, reduction, reductionAttributes, restoreDims } from "./reduction.js";

/** The product of all other elements over the axes, in place of each. */
function productOfOthers(x: Node, axes: readonly number[]): Node {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const permutation = [...kept, ...axes];
  const apart = transpose(x, permutation);
  const flat = reshape(apart, [
    ...kept.map((axis) => x.shape[axis] ?? 1),
    sizeOf(apart.shape.slice(kept.length)),
  ]);
  const before = cumProd(flat, { exclusive: true });
  const after = cumProd(flat, { exclusive: true, reverse: true });
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return transpose(reshape(mul(before, after), apart.shape), inverse);
}

const prodOp: Op = defineOp({
  name: "prod",
  doc: "Product over axes.",
  operands: ["x"],
  attributes: reductionAttributes,
  notation: "\\prod {x}",
  infer: ([x], { axes, keepDims }) => {
    inferElementwise([x], "number");
    return inferReduction(x, axes, keepDims);
  },
  lower: ([x], { axes, keepDims }) => ({ kind: "reduce", loops: reduceLoops(x, axes, keepDims, "mul") }),
  vjp: ({ operands: [x], attributes: { axes }, adjoint }) => [
    mul(restoreDims(adjoint, x.shape, axes), productOfOthers(x, axes)),
  ],
});

/** Product over axes; 1 over nothing. */
export const prod: Reduction = reduction(prodOp);
