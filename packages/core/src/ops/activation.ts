/** Activations whose own rule keeps one tensor for the adjoint; the others are compositions. */

import { AttributeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument, type Scalar } from "../scalar/scalar.js";
import { add, clip, greater, mul, neg, reciprocal, sub, where, zerosLike } from "./arithmetic.js";
import { inferElementwise, unary } from "./elementwise.js";
import { exp, exp2, power, square } from "./exponential.js";
import { polynomial } from "./polynomial.js";
import { abs } from "./rounding.js";
import { erf } from "./special.js";
import { tanh } from "./trigonometric.js";

function logistic(x: Scalar): Scalar {
  const decay = s.exp(s.neg(s.abs(x)));
  return s.div(s.select(s.lt(x, 0), decay, 1), s.add(decay, 1));
}

export const sigmoid = unary("sigmoid", {
  doc: "1 / (1 + exp(-x)), without overflow.",
  domain: "float",
  notation: "\\sigma({x})",
  body: logistic,
  vjp: ({ node, adjoint }) => [mul(adjoint, mul(node, sub(1, node)))],
});

export const softplus = unary("softplus", {
  doc: "log(1 + exp(x)), without overflow.",
  domain: "float",
  notation: "\\log(1 + e^{{x}})",
  body: (x) => s.add(s.max(x, 0), s.log1p(s.exp(s.neg(s.abs(x))))),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, sigmoid(x))],
});

export const relu = unary("relu", {
  doc: "max(x, 0). Its adjoint is 0 at 0.",
  domain: "number",
  notation: "\\operatorname{relu}({x})",
  body: (x) => s.max(x, 0),
  vjp: ({ node, adjoint }) => [where(greater(node, 0), adjoint, zerosLike(adjoint))],
});

const leakyReluOp: Op = defineOp({
  name: "leakyRelu",
  doc: "x where positive, slope · x elsewhere.",
  operands: ["x"],
  attributes: { slope: "number" },
  notation: "\\operatorname{leakyRelu}({x})",
  infer: ([x]) => inferElementwise([x], "float"),
  lower: ([x], { slope }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => {
      const at = value ?? argument(0, x.dtype);
      return s.select(s.gt(at, 0), at, s.mul(at, slope));
    }),
  }),
  vjp: ({ node, operands: [x], attributes: { slope }, adjoint }) => {
    // The result has the sign of x only if the slope does not turn it.
    const positive = greater(slope >= 0 ? node : x, 0);
    return [where(positive, adjoint, mul(slope, adjoint))];
  },
});

/** x where positive, slope · x (0.01 unless said otherwise) elsewhere. Its adjoint at 0 is the slope. */
export const leakyRelu = opFunction(
  leakyReluOp,
  <Feeds extends string>(x: Node<Feeds>, slope = 0.01): Node<Feeds> =>
    createNode(leakyReluOp, [x], { slope }),
);

const eluOp: Op = defineOp({
  name: "elu",
  doc: "scale · x where positive, scale · alpha · (exp(rate · x) - 1) elsewhere.",
  operands: ["x"],
  attributes: { alpha: "number", scale: "number", rate: "number" },
  notation: "\\operatorname{elu}({x})",
  infer: ([x], { alpha, scale, rate }) => {
    if (!(alpha > 0 && scale > 0 && rate > 0)) {
      throw new AttributeError(`alpha ${alpha}, scale ${scale} and rate ${rate} must be positive`);
    }
    return inferElementwise([x], "float");
  },
  lower: ([x], { alpha, scale, rate }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => {
      const at = value ?? argument(0, x.dtype);
      const decayed = s.mul(s.expm1(s.mul(s.min(at, 0), rate)), scale * alpha);
      return s.select(s.gt(at, 0), s.mul(at, scale), decayed);
    }),
  }),
  vjp: ({ node, attributes: { alpha, scale, rate }, adjoint }) => {
    const decayed = mul(rate, add(node, scale * alpha));
    return [mul(adjoint, where(greater(node, 0), scale, decayed))];
  },
});

/** x where positive, alpha · (exp(x) - 1) elsewhere (Clevert et al., arXiv:1511.07289). */
export const elu = opFunction(
  eluOp,
  <Feeds extends string>(x: Node<Feeds>, alpha = 1): Node<Feeds> =>
    createNode(eluOp, [x], { alpha, scale: 1, rate: 1 }),
);

/** The ELU that keeps mean 0 and variance 1 (Klambauer et al., arXiv:1706.02515). */
export function selu<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return createNode(eluOp, [x], { alpha: 1.6732632423543772, scale: 1.0507009873554805, rate: 1 });
}

/** x where positive, alpha · (exp(x / alpha) - 1) elsewhere (Barron, arXiv:1704.07483). */
export function celu<Feeds extends string>(x: Node<Feeds>, alpha = 1): Node<Feeds> {
  return createNode(eluOp, [x], { alpha, scale: 1, rate: 1 / alpha });
}

const rootTwoOverPi = Math.sqrt(2 / Math.PI);
/** Twice the argument of tanh in the tanh form of gelu, as a polynomial: ½ (1 + tanh(v / 2)) is the logistic function of v. */
const inner = [0, 2 * rootTwoOverPi, 0, 0.08943 * rootTwoOverPi] as const;
/** The same as an exponent of 2, negated. */
const decay = inner.map((coefficient) => (coefficient === 0 ? 0 : -Math.LOG2E * coefficient));
/** Beyond it the adjoint of gelu is 0 or 1 in every float dtype, and powers of x cannot overflow; nor can powers of 2 in the tanh form. */
const reach = { none: 50, tanh: 10 } as const;

const geluOp: Op = defineOp({
  name: "gelu",
  doc: "x Φ(x) with the normal distribution function Φ, exactly or with tanh in its place.",
  operands: ["x"],
  attributes: { approximate: "string" },
  notation: "\\operatorname{gelu}({x})",
  infer: ([x], { approximate }) => {
    if (approximate !== "none" && approximate !== "tanh") {
      throw new AttributeError(`approximate must be "none" or "tanh", not "${approximate}"`, "approximate");
    }
    return inferElementwise([x], "float");
  },
  lower: ([x], { approximate }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => {
      const at = value ?? argument(0, x.dtype);
      // Unlike 1 + tanh, which is 0 in the left tail, the logistic function keeps its digits.
      if (approximate === "tanh") return s.div(at, s.add(s.exp2(s.polynomial(at, decay)), 1));
      return s.mul(s.mul(at, 0.5), s.add(s.erf(s.mul(at, Math.SQRT1_2)), 1));
    }),
  }),
  vjp: ({ operands: [x], attributes: { approximate }, adjoint }) => {
    if (approximate === "none") {
      const at = clip(x, -reach.none, reach.none);
      const density = mul(1 / Math.sqrt(2 * Math.PI), exp(mul(-0.5, square(at))));
      const distribution = mul(0.5, add(erf(mul(Math.SQRT1_2, at)), 1));
      return [mul(adjoint, add(distribution, mul(at, density)))];
    }
    const at = clip(x, -reach.tanh, reach.tanh);
    const gate = reciprocal(add(exp2(polynomial(at, decay)), 1));
    const growth = mul(polynomial(at, [inner[1], 0, 3 * inner[3]]), sub(1, gate));
    return [mul(adjoint, mul(gate, add(1, mul(at, growth))))];
  },
});

/** x Φ(x) (Hendrycks & Gimpel, arXiv:1606.08415); "tanh" approximates Φ as that paper and GPT-2 do. */
export const gelu = opFunction(
  geluOp,
  <Feeds extends string>(x: Node<Feeds>, approximate: "none" | "tanh" = "none"): Node<Feeds> =>
    createNode(geluOp, [x], { approximate }),
);

export const silu = unary("silu", {
  doc: "x · sigmoid(x), also called swish.",
  domain: "float",
  notation: "{x} \\, \\sigma({x})",
  body: (x) => s.mul(x, logistic(x)),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, mul(sigmoid(x), add(mul(x, sigmoid(neg(x))), 1)))],
});

export const mish = unary("mish", {
  doc: "x · tanh(softplus(x)).",
  domain: "float",
  notation: "{x} \\tanh(\\log(1 + e^{{x}}))",
  // tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2); from 20 on it is 1.
  body: (x) => {
    const grown = s.exp(s.min(x, 20));
    const n = s.mul(grown, s.add(grown, 2));
    return s.mul(x, s.div(n, s.add(n, 2)));
  },
  vjp: ({ operands: [x], adjoint }) => {
    const gate = tanh(softplus(x));
    return [mul(adjoint, add(gate, mul(mul(x, sub(1, square(gate))), sigmoid(x))))];
  },
});

export const softsign = unary("softsign", {
  doc: "x / (1 + |x|).",
  domain: "float",
  notation: "\\frac{{x}}{1 + |{x}|}",
  body: (x) => s.div(x, s.add(s.abs(x), 1)),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, power(add(abs(x), 1), -2))],
});
