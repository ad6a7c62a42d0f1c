/** Powers, exponentials, logarithms and roots. Adjoints use the result rather than the operand where that retains less. */

import { isFloat } from "../dtype.js";
import { AttributeError } from "../errors.js";
import { createNode, Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument, constant, type Scalar } from "../scalar/scalar.js";
import {
  add,
  chain,
  div,
  equal,
  greaterEqual,
  lessEqual,
  mul,
  neg,
  reciprocal,
  sub,
  where,
} from "./arithmetic.js";
import { logAddExpBody } from "./body.js";
import { binary, liftOperands, type Operand, unary } from "./elementwise.js";
import { isFinite as finite, logicalAnd } from "./logic.js";

export const exp = unary("exp", {
  doc: "e to the power x.",
  domain: "float",
  notation: "e^{{x}}",
  body: (x) => s.exp(x),
  vjp: ({ node, adjoint }) => [chain(adjoint, node)],
});

export const exp2 = unary("exp2", {
  doc: "2 to the power x.",
  domain: "float",
  notation: "2^{{x}}",
  body: (x) => s.exp2(x),
  vjp: ({ node, adjoint }) => [chain(adjoint, mul(node, Math.LN2))],
});

export const expm1 = unary("expm1", {
  doc: "exp(x) - 1, exact near 0.",
  domain: "float",
  notation: "e^{{x}} - 1",
  body: (x) => s.expm1(x),
  vjp: ({ node, adjoint }) => [chain(adjoint, add(node, 1))],
});

export const log = unary("log", {
  doc: "Natural logarithm.",
  domain: "float",
  notation: "\\log({x})",
  body: (x) => s.log(x),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, reciprocal(x))],
});

export const log2 = unary("log2", {
  doc: "Logarithm to base 2.",
  domain: "float",
  notation: "\\log_2({x})",
  body: (x) => s.log2(x),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, div(Math.LOG2E, x))],
});

export const log10 = unary("log10", {
  doc: "Logarithm to base 10.",
  domain: "float",
  notation: "\\log_{10}({x})",
  body: (x) => s.div(s.log(x), Math.LN10),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, div(Math.LOG10E, x))],
});

export const log1p = unary("log1p", {
  doc: "log(1 + x), exact near 0.",
  domain: "float",
  notation: "\\log(1 + {x})",
  body: (x) => s.log1p(x),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, reciprocal(add(x, 1)))],
});

export const sqrt = unary("sqrt", {
  doc: "Square root.",
  domain: "float",
  notation: "\\sqrt{{x}}",
  body: (x) => s.sqrt(x),
  vjp: ({ node, adjoint }) => [chain(adjoint, div(0.5, node))],
});

export const rsqrt = unary("rsqrt", {
  doc: "1 / √x.",
  domain: "float",
  notation: "\\frac{1}{\\sqrt{{x}}}",
  body: (x) => s.div(1, s.sqrt(x)),
  vjp: ({ node, adjoint }) => [chain(adjoint, mul(-0.5, mul(node, square(node))))],
});

export const square = unary("square", {
  doc: "x · x.",
  domain: "number",
  notation: "{x}^2",
  body: (x) => s.mul(x, x),
  vjp: ({ operands: [x], adjoint }) => [mul(mul(2, adjoint), x)],
});

/** An op because of its adjoint: that of (1 - x)(1 + x) is infinity minus infinity where what follows has a pole, as asin″ at 1. */
export const oneMinusSquare = unary("oneMinusSquare", {
  doc: "1 - x² without cancellation near 1 and -1.",
  domain: "float",
  notation: "(1 - {x}^2)",
  body: (x) => s.mul(s.sub(1, x), s.add(x, 1)),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, mul(-2, x))],
});

/** x^n for an integral n ≥ 1, by squaring. */
function integralPower(x: Scalar, n: number): Scalar {
  if (n === 1) return x;
  const half = integralPower(x, Math.floor(n / 2));
  const even = s.mul(half, half);
  return n % 2 === 0 ? even : s.mul(even, x);
}

/** x^exponent without a general power where the exponent is a small multiple of one half. */
function literalPower(x: Scalar, exponent: number): Scalar {
  const magnitude = Math.abs(exponent);
  if (exponent === 0) return constant(1, x.dtype);
  if (magnitude > 64 || !Number.isInteger(2 * magnitude)) return s.pow(x, exponent);
  const whole = Math.floor(magnitude);
  const root = magnitude === whole ? [] : [s.sqrt(x)];
  const factors = whole === 0 ? root : [integralPower(x, whole), ...root];
  const product = factors.reduce((left, right) => s.mul(left, right));
  return exponent < 0 ? s.div(1, product) : product;
}

const powerOp: Op = defineOp({
  name: "power",
  doc: "x to the power of a number known when the graph is declared.",
  operands: ["x"],
  attributes: { exponent: "number" },
  notation: "{x}^{exponent}",
  infer: ([x], { exponent }) => {
    if (!isFloat(x.dtype) && (!Number.isInteger(exponent) || exponent < 0 || exponent > 64)) {
      throw new AttributeError(
        `an ${x.dtype} takes an integral exponent from 0 to 64, not ${exponent}`,
        "exponent",
      );
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  lower: ([x], { exponent }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => literalPower(value ?? argument(0, x.dtype), exponent)),
  }),
  vjp: ({ operands: [x], attributes: { exponent }, adjoint }) => {
    if (exponent === 0) return [undefined];
    const slope = mul(exponent, power(x, exponent - 1));
    return [exponent < 1 ? chain(adjoint, slope) : mul(adjoint, slope)];
  },
});

/** x to the power of a literal: multiplications and roots where they suffice. 0 to the power 0 is 1. */
export const power = opFunction(
  powerOp,
  <Feeds extends string>(x: Node<Feeds>, exponent: number): Node<Feeds> => {
    if (exponent === 1) return x;
    if (exponent === 2) return square(x);
    if (!isFloat(x.dtype)) return createNode(powerOp, [x], { exponent });
    if (exponent === -1) return reciprocal(x);
    if (exponent === 0.5) return sqrt(x);
    return exponent === -0.5 ? rsqrt(x) : createNode(powerOp, [x], { exponent });
  },
);

/**
 * The adjoints where the general rule gives 0 · ∞: ∂a^b/∂a = b a^(b-1) is 0 at a = b = 0, and ∂a^b/∂b = a^b log a is 0 at
 * a = 0 ≤ b.
 */
const generalPow = binary("pow", {
  doc: "a to the power b; 0 to the power 0 is 1. The adjoint of b is 0 where a = 0 ≤ b.",
  domain: "float",
  notation: "{a}^{{b}}",
  body: s.pow,
  vjp: ({ node, operands: [a, b], adjoint }) => {
    const vanished = equal(a, 0);
    const base = where(logicalAnd(vanished, equal(b, 0)), 1, a);
    const positive = where(logicalAnd(vanished, greaterEqual(b, 0)), 1, a);
    return [chain(adjoint, mul(b, generalPow(base, sub(b, 1)))), chain(adjoint, mul(node, log(positive)))];
  },
});

/** a to the power b. A literal exponent makes a `power`, whose kernel and adjoint are cheaper. */
export const pow = opFunction(
  generalPow.op,
  <Feeds extends string>(a: Operand<Feeds>, b: Operand<Feeds>): Node<Feeds> =>
    typeof b === "number" && a instanceof Node
      ? power(a, b)
      : createNode(generalPow.op, liftOperands([a, b])),
);

export const xlogy = binary("xlogy", {
  doc: "a · log(b), and 0 where a = 0 unless b is NaN. The adjoint of a is 0 where a = 0 ≥ b.",
  domain: "float",
  notation: "{a} \\log({b})",
  body: (a, b) => s.select(s.and(s.eq(a, 0), s.eq(b, b)), 0, s.mul(a, s.log(b))),
  vjp: ({ operands: [a, b], adjoint }) => {
    const positive = where(logicalAnd(equal(a, 0), lessEqual(b, 0)), 1, b);
    return [chain(adjoint, log(positive)), chain(mul(adjoint, a), reciprocal(positive))];
  },
});

export const logAddExp = binary("logAddExp", {
  doc: "log(exp(a) + exp(b)), without overflow.",
  domain: "float",
  notation: "\\log(e^{{a}} + e^{{b}})",
  body: logAddExpBody,
  vjp: ({ node, operands: [a, b], adjoint }) => {
    const total = where(finite(node), node, 0);
    return [mul(adjoint, exp(sub(a, total))), mul(adjoint, exp(sub(b, total)))];
  },
});

export const hypot = binary("hypot", {
  doc: "√(a² + b²) without overflow. Its adjoints are 0 where both are 0.",
  domain: "float",
  notation: "\\sqrt{{a}^2 + {b}^2}",
  body: (a, b) => {
    const larger = s.max(s.abs(a), s.abs(b));
    const unscaled = s.or(s.eq(larger, 0), s.eq(larger, Number.POSITIVE_INFINITY));
    const ratio = s.div(s.min(s.abs(a), s.abs(b)), s.select(unscaled, 1, larger));
    return s.mul(larger, s.sqrt(s.add(s.mul(ratio, ratio), 1)));
  },
  vjp: ({ node, operands: [a, b], adjoint }) => {
    const length = where(equal(node, 0), 1, node);
    return [mul(adjoint, div(a, length)), mul(adjoint, div(b, length))];
  },
});

/** log(x / (1 - x)), the inverse of sigmoid. */
export function logit<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return sub(log(x), log1p(neg(x)));
}
