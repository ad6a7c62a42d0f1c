/** Error functions and the gamma family, from the closed scalar set; good to a few units in the last place of float64. */

import { AttributeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument, type Scalar } from "../scalar/scalar.js";
import { chain, mul, neg } from "./arithmetic.js";
import { complement, inverseCentral, inverseFar, inverseTail } from "./coefficients.js";
import { inferElementwise, unary } from "./elementwise.js";
import { exp, square } from "./exponential.js";

const slopeAtZero = 2 / Math.sqrt(Math.PI);

export const erf = unary("erf", {
  doc: "Error function.",
  domain: "float",
  notation: "\\operatorname{erf}({x})",
  body: (x) => s.erf(x),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, mul(slopeAtZero, exp(neg(square(x)))))],
});

/**
 * erfc(x) = e^(-x²) p(t) / (1 + 2x) with t = (x - 3.75) / (x + 3.75) for x ≥ 0, and 2 - erfc(-x) below; the exponent is
 * split so that its rounding does not show (M. M. Shepherd, J. G. Laframboise, Math. Comp. 36, 1981).
 */
export const erfc = unary("erfc", {
  doc: "1 - erf(x), exact where erf is near 1.",
  domain: "float",
  notation: "\\operatorname{erfc}({x})",
  body: (x) => {
    const magnitude = s.min(s.abs(x), 30);
    const head = s.div(s.trunc(s.mul(magnitude, 16)), 16);
    const tail = s.mul(s.sub(magnitude, head), s.add(magnitude, head));
    const decay = s.mul(s.exp(s.neg(s.mul(head, head))), s.exp(s.neg(tail)));
    const t = s.div(s.sub(magnitude, 3.75), s.add(magnitude, 3.75));
    const positive = s.div(s.mul(decay, s.polynomial(t, complement)), s.add(s.mul(magnitude, 2), 1));
    return s.select(s.lt(x, 0), s.sub(2, positive), positive);
  },
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, mul(-slopeAtZero, exp(neg(square(x)))))],
});

/** Polynomials in w = -log(1 - x²) or √w (M. Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011). */
export const erfinv = unary("erfinv", {
  doc: "Inverse of erf on [-1, 1].",
  domain: "float",
  notation: "\\operatorname{erf}^{-1}({x})",
  body: (x) => {
    const w = s.neg(s.log(s.mul(s.sub(1, x), s.add(x, 1))));
    const root = s.sqrt(s.max(w, 0));
    const central = s.polynomial(s.div(s.sub(w, 3.125), 3.125), inverseCentral);
    const tail = s.polynomial(s.div(s.sub(root, 3.25), 0.75), inverseTail);
    const far = s.polynomial(s.div(s.sub(root, 5.125), 1.125), inverseFar);
    const ratio = s.select(s.lt(w, 6.25), central, s.select(s.lt(w, 16), tail, far));
    return s.mul(x, s.select(s.eq(s.abs(x), 1), Number.POSITIVE_INFINITY, ratio));
  },
  vjp: ({ node, adjoint }) => [chain(adjoint, mul(1 / slopeAtZero, exp(square(node))))],
});

export const lgamma = unary("lgamma", {
  doc: "log |Γ(x)|.",
  domain: "float",
  notation: "\\log |\\Gamma({x})|",
  body: (x) => s.lgamma(x),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, digamma(x))],
});

/** Bernoulli numbers B₂, B₄, … */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
] as const;

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** x^n for an integral n ≥ 1. */
function times(x: Scalar, n: number): Scalar {
  return n === 1 ? x : s.mul(times(x, n - 1), x);
}

/** ψ^(n)(z) for z ≥ 1/2: the recurrence up to z + shift, then Euler–Maclaurin there (NIST DLMF 5.11.2, 5.15.8, 25.11.5). */
function polygammaOf(z: Scalar, n: number): Scalar {
  const shift = 10 + n;
  const terms = Array.from({ length: shift }, (_, k) => s.div(1, times(s.add(z, k), n + 1)));
  const passed = terms.reduce((total, term) => s.add(total, term));
  const y = s.add(z, shift);
  const inverse = s.div(1, y);
  const power = n === 0 ? s.div(y, y) : times(inverse, n);
  const series = bernoulli.map(
    (b, j) => (b * factorial(n + 2 * j + 1)) / (factorial(2 * j + 2) * factorial(n)),
  );
  const corrections = s.mul(
    s.mul(power, s.mul(inverse, inverse)),
    s.polynomial(s.mul(inverse, inverse), series),
  );
  const half = s.mul(s.mul(power, inverse), 0.5);
  if (n === 0) return s.sub(s.sub(s.sub(s.log(y), half), corrections), passed);
  const total = s.add(passed, s.add(s.div(power, n), s.add(half, corrections)));
  return s.mul(total, (n % 2 === 1 ? 1 : -1) * factorial(n));
}

/** d^n/dx^n π cot(πx) = π^(n+1) Q(cot πx): the coefficients of Q, from Q ↦ -(1 + c²) Q′. */
function cotangentPolynomial(n: number): number[] {
  if (n === 0) return [0, 1];
  const previous = cotangentPolynomial(n - 1);
  return Array.from(
    { length: n + 2 },
    (_, k) => -((k + 1) * (previous[k + 1] ?? 0) + Math.max(0, k - 1) * (previous[k - 1] ?? 0)),
  );
}

const polygammaOp: Op = defineOp({
  name: "polygamma",
  doc: "The order-th derivative of digamma, the logarithmic derivative of Γ.",
  operands: ["x"],
  attributes: { order: "integer" },
  notation: "\\psi^{({order})}({x})",
  infer: ([x], { order }) => {
    if (order < 0 || order > 20) throw new AttributeError(`order ${order} must be from 0 to 20`, "order");
    return inferElementwise([x], "float");
  },
  lower: ([x], { order }, output) => ({
    kind: "map",
    loops: mapLoops([x], output, (value) => {
      const at = value ?? argument(0, x.dtype);
      const reflected = s.lt(at, 0.5);
      const right = polygammaOf(s.select(reflected, s.sub(1, at), at), order);
      const phase = s.sub(at, s.round(at));
      const cotangent = s.div(1, s.tan(s.mul(phase, Math.PI)));
      const jump = s.mul(s.polynomial(cotangent, cotangentPolynomial(order)), Math.PI ** (order + 1));
      return s.select(reflected, s.sub(s.mul(right, order % 2 === 0 ? 1 : -1), jump), right);
    }),
  }),
  vjp: ({ operands: [x], attributes: { order }, adjoint }) => [chain(adjoint, polygamma(x, order + 1))],
});

/** The order-th derivative of digamma (order 0), up to the twentieth. */
export const polygamma = opFunction(
  polygammaOp,
  <Feeds extends string>(x: Node<Feeds>, order: number): Node<Feeds> =>
    createNode(polygammaOp, [x], { order }),
);

/** The logarithmic derivative of Γ. */
export function digamma<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  return polygamma(x, 0);
}
