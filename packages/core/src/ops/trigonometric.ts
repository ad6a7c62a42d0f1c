/** Trigonometric and hyperbolic functions and their inverses. */

import type { Node } from "../graph/node.js";
import * as s from "../scalar/build.js";
import type { Scalar } from "../scalar/scalar.js";
import { add, chain, div, equal, less, mul, neg, reciprocal, sub, where } from "./arithmetic.js";
import { binary, unary } from "./elementwise.js";
import { hypot, oneMinusSquare, rsqrt, square } from "./exponential.js";
import { polynomial } from "./polynomial.js";
import { abs } from "./rounding.js";

export const sin = unary("sin", {
  doc: "Sine.",
  domain: "float",
  notation: "\\sin({x})",
  body: (x) => s.sin(x),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, cos(x))],
});

export const cos = unary("cos", {
  doc: "Cosine.",
  domain: "float",
  notation: "\\cos({x})",
  body: (x) => s.cos(x),
  vjp: ({ operands: [x], adjoint }) => [neg(mul(adjoint, sin(x)))],
});

export const tan = unary("tan", {
  doc: "Tangent.",
  domain: "float",
  notation: "\\tan({x})",
  body: (x) => s.tan(x),
  vjp: ({ node, adjoint }) => [chain(adjoint, add(square(node), 1))],
});

/** √(1 - x²) without cancellation. */
function cosineOf(x: Scalar): Scalar {
  return s.sqrt(s.mul(s.sub(1, x), s.add(x, 1)));
}

/** 1 / √(1 - x²). */
function arcSlope(x: Node): Node {
  return rsqrt(oneMinusSquare(x));
}

export const asin = unary("asin", {
  doc: "Inverse sine, in [-π/2, π/2].",
  domain: "float",
  notation: "\\arcsin({x})",
  body: (x) => s.atan2(x, cosineOf(x)),
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, arcSlope(x))],
});

export const acos = unary("acos", {
  doc: "Inverse cosine, in [0, π].",
  domain: "float",
  notation: "\\arccos({x})",
  body: (x) => s.atan2(cosineOf(x), x),
  vjp: ({ operands: [x], adjoint }) => [neg(chain(adjoint, arcSlope(x)))],
});

export const atan = unary("atan", {
  doc: "Inverse tangent, in [-π/2, π/2].",
  domain: "float",
  notation: "\\arctan({x})",
  body: (x) => s.atan(x),
  vjp: ({ operands: [x], adjoint }) => [mul(adjoint, reciprocal(add(square(x), 1)))],
});

export const atan2 = binary("atan2", {
  doc: "The angle of the point (b, a), in [-π, π]. Its adjoints are 0 at the origin.",
  domain: "float",
  notation: "\\operatorname{atan2}({a}, {b})",
  body: s.atan2,
  vjp: ({ operands: [a, b], adjoint }) => {
    const distance = hypot(a, b);
    const length = where(equal(distance, 0), 1, distance);
    const scaled = div(adjoint, length);
    return [mul(scaled, div(b, length)), neg(mul(scaled, div(a, length)))];
  },
});

/** An odd function of x from its value at |x|; 0 of 0, whose sign stays. */
function odd(x: Scalar, ofMagnitude: Scalar): Scalar {
  return s.select(s.eq(x, 0), x, s.select(s.lt(x, 0), s.neg(ofMagnitude), ofMagnitude));
}

/** The larger of e^|x| / 2 halves as a product, which overflows only where the result does. */
function halfExponential(magnitude: Scalar): Scalar {
  const root = s.exp(s.mul(magnitude, 0.5));
  return s.mul(s.mul(root, 0.5), root);
}

/** From here on e^-|x| is below the rounding of e^|x| in every float dtype. */
const saturation = 20;

export const sinh = unary("sinh", {
  doc: "Hyperbolic sine.",
  domain: "float",
  notation: "\\sinh({x})",
  body: (x) => {
    const magnitude = s.abs(x);
    const excess = s.expm1(s.min(magnitude, saturation));
    const near = s.mul(s.add(excess, s.div(excess, s.add(excess, 1))), 0.5);
    const far = s.select(s.le(magnitude, saturation), near, halfExponential(magnitude));
    return odd(x, far);
  },
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, cosh(x))],
});

export const cosh = unary("cosh", {
  doc: "Hyperbolic cosine.",
  domain: "float",
  notation: "\\cosh({x})",
  body: (x) => {
    const magnitude = s.abs(x);
    const power = s.exp(s.min(magnitude, saturation));
    const near = s.mul(s.add(power, s.div(1, power)), 0.5);
    return s.select(s.le(magnitude, saturation), near, halfExponential(magnitude));
  },
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, sinh(x))],
});

export const tanh = unary("tanh", {
  doc: "Hyperbolic tangent.",
  domain: "float",
  notation: "\\tanh({x})",
  body: (x) => s.tanh(x),
  vjp: ({ node, adjoint }) => [mul(adjoint, sub(1, square(node)))],
});

/** From here on x² ± 1 rounds to x² in every float dtype, and the logarithm of 2x is exact. */
const large = 1e9;

export const asinh = unary("asinh", {
  doc: "Inverse hyperbolic sine.",
  domain: "float",
  notation: "\\operatorname{arsinh}({x})",
  body: (x) => {
    const magnitude = s.abs(x);
    const bounded = s.min(magnitude, large);
    const power = s.mul(bounded, bounded);
    const near = s.log1p(s.add(bounded, s.div(power, s.add(s.sqrt(s.add(power, 1)), 1))));
    const far = s.select(s.le(magnitude, large), near, s.add(s.log(magnitude), Math.LN2));
    return odd(x, far);
  },
  vjp: ({ node, adjoint }) => [div(adjoint, cosh(node))],
});

export const acosh = unary("acosh", {
  doc: "Inverse hyperbolic cosine, of x ≥ 1.",
  domain: "float",
  notation: "\\operatorname{arcosh}({x})",
  body: (x) => {
    // Below −1 the product under the root would be positive again.
    const excess = s.max(s.sub(s.min(x, large), 1), -1);
    const near = s.log1p(s.add(excess, s.sqrt(s.mul(excess, s.add(excess, 2)))));
    return s.select(s.lt(x, large), near, s.add(s.log(x), Math.LN2));
  },
  vjp: ({ node, adjoint }) => [chain(adjoint, reciprocal(sinh(node)))],
});

export const atanh = unary("atanh", {
  doc: "Inverse hyperbolic tangent, of |x| ≤ 1.",
  domain: "float",
  notation: "\\operatorname{artanh}({x})",
  body: (x) => {
    const magnitude = s.abs(x);
    const half = s.mul(s.log1p(s.div(s.mul(magnitude, 2), s.sub(1, magnitude))), 0.5);
    return odd(x, half);
  },
  vjp: ({ operands: [x], adjoint }) => [chain(adjoint, reciprocal(oneMinusSquare(x)))],
});

/** Taylor coefficients of sin(z)/z in z², enough for every derivative up to the sixth where |z| < 1. */
const sincSeries = Array.from({ length: 14 }, (_, k) => {
  let factorial = 1;
  for (let n = 2; n <= 2 * k + 1; n++) factorial *= n;
  return (k % 2 === 0 ? 1 : -1) / factorial;
});

/** sin(πx) / (πx), and 1 at 0 (NumPy's sinc); exact to the last place near 0, as are its derivatives. */
export function sinc<Feeds extends string>(x: Node<Feeds>): Node<Feeds> {
  const z = mul(Math.PI, x);
  const near = less(abs(z), 1);
  const away = where(near, 1, z);
  return where(near, polynomial(square(where(near, z, 0)), sincSeries), div(sin(away), away));
}
