/**
 * exp, exp2, expm1 and tanh by reduction to |r| ≤ ½·ln 2 and a polynomial in r (Tang 1989, without his table; the
 * polynomials are minimax). It refuses to be correctly rounded.
 *
 *     operations   float32   float64
 *     exp          29        33
 *     exp2         25        27
 *     expm1        30        40
 *     tanh         28        41
 */

import * as s from "../build.js";
import type { Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";

interface Constants {
  readonly format: Format;
  /** Below and above, exp is 0 and ∞. */
  readonly exp: readonly [number, number];
  /** Below and above, exp2 is 0 and ∞. */
  readonly exp2: readonly [number, number];
  /** Below, expm1 is −1. */
  readonly expm1: readonly [number, number];
  /** From here on tanh is 1. */
  readonly tanh: number;
  /** Below this magnitude, expm1(x) rounds to x. */
  readonly tiny: number;
  /** ln 2 in two parts, of which the first has trailing zeros enough to be multiplied by an exponent exactly. */
  readonly ln2: readonly [number, number];
  /** 2^r = Σ c_k r^k for |r| ≤ ½, the error relative to 2^r. */
  readonly power2: readonly number[];
  /** expm1(r) = r + r² Σ c_k r^k, the error relative to expm1. */
  readonly beyond: readonly number[];
}

export const exponentials = {
  float32: {
    format: formats.float32,
    exp: [-104, 89],
    exp2: [-151, 129],
    expm1: [-18, 89],
    tanh: 9.1,
    tiny: 2 ** -25,
    ln2: [0.693145751953125, 1.428606765330187e-6],
    power2: [1, Math.LN2, 0.24022648, 0.0555036, 0.009618506, 0.0013390807, 0.00015326466],
    beyond: [0.49999997, 0.16666546, 0.041667435, 0.008366272, 0.0013870692],
  },
  float64: {
    format: formats.float64,
    exp: [-746, 710],
    exp2: [-1076, 1025],
    expm1: [-38, 710],
    tanh: 20,
    tiny: 2 ** -54,
    ln2: [0.6931471806019545, -4.2009150726810846e-11],
    power2: [
      1,
      Math.LN2,
      0.24022650695910108,
      0.05550410866482173,
      0.009618129107601606,
      0.0013333558146544791,
      0.00015403530449033948,
      1.5252733635224487e-5,
      1.321543883715451e-6,
      1.0178159599829347e-7,
      7.073232821079621e-9,
      4.438921117086395e-10,
    ],
    beyond: [
      0.5, 0.16666666666666677, 0.041666666666666685, 0.00833333333332179, 0.001388888888889371,
      0.0001984126988537352, 2.4801587278966243e-5, 2.7557245102994294e-6, 2.7557329470699416e-7,
      2.5108710030689738e-8, 2.0893968499319045e-9,
    ],
  },
} as const satisfies Record<Float, Constants>;

function clamp<L extends Leaf>(x: Scalar<L>, [low, high]: readonly [number, number]): Scalar<L> {
  return s.min(s.max(x, low), high);
}

interface Reduced<L> {
  /** round(x / ln 2) */
  readonly n: Scalar<L>;
  /** x − n · ln 2 */
  readonly r: Scalar<L>;
}

function reduce<L extends Leaf>({ ln2: [high, low] }: Constants, x: Scalar<L>): Reduced<L> {
  const n = s.round(s.mul(x, Math.LOG2E));
  return { n, r: s.sub(s.sub(x, s.mul(n, high)), s.mul(n, low)) };
}

/** eˣ for any x. */
export function exponential<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { n, r } = reduce(constants, clamp(x, constants.exp));
  return constants.format.scale(s.polynomial(r, [1, 1, ...constants.beyond]), n);
}

function powerOfTwo<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const y = clamp(x, constants.exp2);
  const n = s.round(y);
  return constants.format.scale(s.polynomial(s.sub(y, n), constants.power2), n);
}

/** 2 (t p + (t − ½)) with t = 2^(n − 1), which does not overflow before the result does, and p = expm1(r). */
function exponentialLessOne<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { n, r } = reduce(constants, clamp(x, constants.expm1));
  const p = s.add(r, s.mul(s.mul(r, r), s.polynomial(r, constants.beyond)));
  const t = constants.format.power(s.sub(n, 1));
  const result = s.mul(s.add(s.mul(t, p), s.sub(t, 0.5)), 2);
  return s.select(s.lt(s.abs(x), constants.tiny), x, result);
}

/** e / (e + 2) with e = expm1(2|x|); one part of ln 2 is enough, as errors of e count less the larger it is. */
function hyperbolicTangent<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const y = s.min(s.abs(x), constants.tanh);
  const n = s.round(s.mul(y, 2 * Math.LOG2E));
  const r = s.sub(y, s.mul(n, Math.LN2 / 2));
  const doubled = constants.beyond.map((coefficient, k) => coefficient * 2 ** (k + 2));
  const p = s.add(s.add(r, r), s.mul(s.mul(r, r), s.polynomial(r, doubled)));
  const t = constants.format.power(n);
  const e = s.add(s.mul(t, p), s.sub(t, 1));
  return constants.format.withSign(s.div(e, s.add(e, 2)), x);
}

/** eˣ, within 1.2 ulp (float64: 1.2). */
export const exp: Expansion = expansion(exponentials, exponential);

/** 2ˣ, within 1.1 ulp (float64: 1.1), exact for integers. */
export const exp2: Expansion = expansion(exponentials, powerOfTwo);

/** eˣ − 1, within 1.7 ulp (float64: 2.0). */
export const expm1: Expansion = expansion(exponentials, exponentialLessOne);

/** tanh x, within 2.6 ulp (float64: 2.5), never beyond ±1. */
export const tanh: Expansion = expansion(exponentials, hyperbolicTangent);
