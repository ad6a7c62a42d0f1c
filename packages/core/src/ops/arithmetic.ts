/** Elementwise arithmetic, comparison, logic and choice. */

import type { DType } from "../dtype.js";
import { dtypes, isFloat } from "../dtype.js";
import { DTypeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument } from "../scalar/scalar.js";
import { binary, inferElementwise, liftOperands, type Operand, unary } from "./elementwise.js";
import { constant } from "./leaf.js";

export const add = binary("add", {
  doc: "Sum.",
  domain: "number",
  notation: "{a} + {b}",
  body: s.add,
  vjp: ({ adjoint }) => [adjoint, adjoint],
});

export const sub = binary("sub", {
  doc: "Difference.",
  domain: "number",
  notation: "{a} - {b}",
  body: s.sub,
  vjp: ({ adjoint }) => [adjoint, neg(adjoint)],
});

export const mul = binary("mul", {
  doc: "Product, element by element.",
  domain: "number",
  notation: "{a} \\odot {b}",
  body: s.mul,
  vjp: ({ operands: [a, b], adjoint }) => [mul(adjoint, b), mul(adjoint, a)],
});

export const div = binary("div", {
  doc: "Quotient; of integers truncated towards zero, 0 for a divisor of 0.",
  domain: "number",
  notation: "\\frac{{a}}{{b}}",
  body: s.div,
  vjp: ({ node, operands: [, b], adjoint }) => [
    chain(adjoint, reciprocal(b)),
    neg(chain(adjoint, div(node, b))),
  ],
});

export const chain = binary("chain", {
  doc: "The chain rule's product of an adjoint a and a slope b: a · b, and 0 where the adjoint is 0, even at a pole.",
  domain: "float",
  notation: "{a} \\odot {b}",
  body: (a, b) => s.select(s.eq(a, 0), a, s.mul(a, b)),
  vjp: ({ operands: [a, b], adjoint }) => [chain(adjoint, b), chain(adjoint, a)],
});

export const reciprocal = unary("reciprocal", {
  doc: "1 / x.",
  domain: "float",
  notation: "\\frac{1}{{x}}",
  body: (x) => s.div(1, x),
  vjp: ({ node, adjoint }) => [neg(chain(adjoint, mul(node, node)))],
});

export const neg = unary("neg", {
  doc: "Negation.",
  domain: "number",
  notation: "-{x}",
  body: s.neg,
  vjp: ({ adjoint }) => [neg(adjoint)],
});

/** The adjoint where this side wins, half of it at ties. */
function tieShare(wins: Node, ties: Node, adjoint: Node): Node {
  return where(wins, adjoint, where(ties, mul(0.5, adjoint), zerosLike(adjoint)));
}

export const maximum = binary("maximum", {
  doc: "The larger of two; NaN if either is. At ties both adjoints get one half.",
  domain: "number",
  notation: "\\max({a}, {b})",
  body: s.max,
  vjp: ({ operands: [a, b], adjoint }) => {
    const ties = equal(a, b);
    return [tieShare(greater(a, b), ties, adjoint), tieShare(less(a, b), ties, adjoint)];
  },
});

export const minimum = binary("minimum", {
  doc: "The smaller of two; NaN if either is. At ties both adjoints get one half.",
  domain: "number",
  notation: "\\min({a}, {b})",
  body: s.min,
  vjp: ({ operands: [a, b], adjoint }) => {
    const ties = equal(a, b);
    return [tieShare(less(a, b), ties, adjoint), tieShare(greater(a, b), ties, adjoint)];
  },
});

export const equal = binary("equal", {
  doc: "Whether two elements are equal.",
  domain: "any",
  result: "bool",
  notation: "[{a} = {b}]",
  body: s.eq,
});

export const notEqual = binary("notEqual", {
  doc: "Whether two elements differ.",
  domain: "any",
  result: "bool",
  notation: "[{a} \\ne {b}]",
  body: s.ne,
});

export const less = binary("less", {
  doc: "Whether a < b.",
  domain: "number",
  result: "bool",
  notation: "[{a} < {b}]",
  body: s.lt,
});

export const lessEqual = binary("lessEqual", {
  doc: "Whether a ≤ b.",
  domain: "number",
  result: "bool",
  notation: "[{a} \\le {b}]",
  body: s.le,
});

export const greater = binary("greater", {
  doc: "Whether a > b.",
  domain: "number",
  result: "bool",
  notation: "[{a} > {b}]",
  body: s.gt,
});

export const greaterEqual = binary("greaterEqual", {
  doc: "Whether a ≥ b.",
  domain: "number",
  result: "bool",
  notation: "[{a} \\ge {b}]",
  body: s.ge,
});

const whereOp: Op = defineOp({
  name: "where",
  doc: "The first value where the condition holds, the second elsewhere; the branch not taken leaks nothing.",
  operands: ["condition", "a", "b"],
  attributes: {},
  notation: "\\operatorname{where}({condition}, {a}, {b})",
  infer: ([condition, a, b]) => {
    if (condition.dtype !== "bool")
      throw new DTypeError(`the condition must be bool, not ${condition.dtype}`);
    const { dtype } = inferElementwise([a, b], "any");
    const { shape } = inferElementwise(
      [condition, { dtype: "bool", shape: a.shape }, { dtype: "bool", shape: b.shape }],
      "bool",
    );
    return { dtype, shape };
  },
  lower: (operands, _, output) => ({
    kind: "map",
    loops: mapLoops(operands, output, (condition, a, b) =>
      s.select(condition ?? argument(0, "bool"), a ?? 0, b ?? 0),
    ),
  }),
  vjp: ({ operands: [condition], adjoint }) => [
    undefined,
    where(condition, adjoint, zerosLike(adjoint)),
    where(condition, zerosLike(adjoint), adjoint),
  ],
});

/** Chooses element by element; `a` and `b` share a dtype and everything broadcasts. */
export const where = opFunction(
  whereOp,
  <Feeds extends string>(condition: Node<Feeds>, a: Operand<Feeds>, b: Operand<Feeds>): Node<Feeds> =>
    createNode(whereOp, [condition, ...liftOperands([a, b])]),
);

const clipOp: Op = defineOp({
  name: "clip",
  doc: "x limited to [low, high]; high where low is above it. At a limit x keeps its adjoint.",
  operands: ["x", "low", "high"],
  attributes: {},
  notation: "\\operatorname{clip}({x}, {low}, {high})",
  infer: (operands) => inferElementwise(operands, "number"),
  lower: (operands, _, output) => ({
    kind: "map",
    loops: mapLoops(operands, output, (x, low, high) => s.min(s.max(x ?? 0, low ?? 0), high ?? 0)),
  }),
  vjp: ({ operands: [x, low, high], adjoint }) => {
    const none = zerosLike(adjoint);
    return [
      where(lessEqual(low, x), where(lessEqual(x, high), adjoint, none), none),
      where(less(x, low), where(lessEqual(low, high), adjoint, none), none),
      where(lessEqual(maximum(x, low), high), none, adjoint),
    ];
  },
});

/** Limits x to [low, high]; for one limit only use `maximum` or `minimum`. */
export const clip = opFunction(
  clipOp,
  <Feeds extends string>(x: Node<Feeds>, low: Operand<Feeds>, high: Operand<Feeds>): Node<Feeds> =>
    createNode(clipOp, liftOperands([x, low, high])),
);

const castOp: Op = defineOp({
  name: "cast",
  doc: "Conversion; float to integer truncates and saturates, to bool is x ≠ 0.",
  operands: ["x"],
  attributes: { dtype: "dtype" },
  notation: "{x}",
  infer: ([x], { dtype }) => ({ dtype, shape: x.shape }),
  lower: ([x], { dtype }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => s.cast(value ?? argument(0, x.dtype), dtype)),
  }),
  vjp: ({ operands: [x], attributes: { dtype }, adjoint }) => [
    isFloat(x.dtype) && dtypes[dtype].kind === "float" ? cast(adjoint, x.dtype) : undefined,
  ],
});

/** The same values as another dtype. Differentiable between float dtypes. */
export const cast = opFunction(
  castOp,
  <Feeds extends string>(x: Node<Feeds>, dtype: DType): Node<Feeds> => createNode(castOp, [x], { dtype }),
);

/** A scalar zero of a node's dtype: it broadcasts where it is used. */
export function zerosLike(node: Node): Node<never> {
  return constant(0, { dtype: node.dtype });
}

/** The larger of two, ignoring a NaN. At ties the first takes the adjoint. */
export function fmax<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  return where(greaterEqual(a, b), a, where(equal(b, b), b, a));
}

/** The smaller of two, ignoring a NaN. At ties the first takes the adjoint. */
export function fmin<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  return where(lessEqual(a, b), a, where(equal(b, b), b, a));
}

/** a + weight · (b - a). */
export function lerp<Feeds extends string>(
  a: Node<Feeds>,
  b: Node<Feeds>,
  weight: Operand<Feeds>,
): Node<Feeds> {
  return add(a, mul(weight, sub(b, a)));
}
