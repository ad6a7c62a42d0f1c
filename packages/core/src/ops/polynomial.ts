/** Polynomials with literal coefficients: their derivative is one again, by Horner's rule, whatever the degree. */

import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument } from "../scalar/scalar.js";
import { mul } from "./arithmetic.js";
import { inferElementwise } from "./elementwise.js";

const polynomialOp: Op = defineOp({
  name: "polynomial",
  doc: "Σ coefficients[k] · x^k, by Horner's rule.",
  operands: ["x"],
  attributes: { coefficients: "numbers" },
  notation: "\\sum_k {coefficients}_k {x}^k",
  infer: ([x]) => inferElementwise([x], "float"),
  lower: ([x], { coefficients }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => s.polynomial(value ?? argument(0, x.dtype), coefficients)),
  }),
  vjp: ({ operands: [x], attributes: { coefficients }, adjoint }) => {
    const derivative = coefficients.slice(1).map((coefficient, k) => coefficient * (k + 1));
    return [derivative.length === 0 ? undefined : mul(adjoint, polynomial(x, derivative))];
  },
});

/** Σ coefficients[k] · x^k, lowest degree first. */
export const polynomial = opFunction(
  polynomialOp,
  <Feeds extends string>(x: Node<Feeds>, coefficients: readonly number[]): Node<Feeds> =>
    createNode(polynomialOp, [x], { coefficients: [...coefficients] }),
);
