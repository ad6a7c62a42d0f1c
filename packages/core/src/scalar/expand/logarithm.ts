/**
 * log, log2 and log1p by reduction to √½ ≤ m < √2 and a minimax polynomial in ((m − 1)/(m + 1))² (the scheme of
 * fdlibm's e_log). It refuses to be correctly rounded.
 *
 *     operations   float32   float64
 *     log          29        38
 *     log2         29        36
 *     log1p        41        48
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";

interface Constants {
  readonly format: Format;
  /** ln 2, in two parts where one is not enough. */
  readonly ln2: readonly number[];
  /** log((1 + t)/(1 − t)) = 2t + t Σ c_k t^(2k + 2), the error relative to the logarithm. */
  readonly series: readonly number[];
}

export const logarithms = {
  float32: {
    format: formats.float32,
    ln2: [Math.LN2],
    series: [0.66666776, 0.39977586, 0.29870695],
  },
  float64: {
    format: formats.float64,
    ln2: [0.6931471806019545, -4.2009150726810846e-11],
    series: [
      0.6666666666666734, 0.39999999999416946, 0.2857142874193031, 0.22222198616494188, 0.1818356222887349,
      0.15314100833155853, 0.14795476535569999,
    ],
  },
} as const satisfies Record<Float, Constants>;

/** log(1 + f) = f − t (f − R(t²)) with t = f/(2 + f), for √½ ≤ 1 + f < √2. */
function logarithmOfOnePlus<L extends Leaf>({ series }: Constants, f: Scalar<L>): Scalar<L> {
  const t = s.div(f, s.add(f, 2));
  const square = s.mul(t, t);
  return s.sub(f, s.mul(t, s.sub(f, s.mul(square, s.polynomial(square, series)))));
}

function withExponent<L extends Leaf>(constants: Constants, exponent: Scalar<L>, f: Scalar<L>): Scalar<L> {
  const [high = 0, low] = constants.ln2;
  const fraction = logarithmOfOnePlus(constants, f);
  const rest = low === undefined ? fraction : s.add(fraction, s.mul(exponent, low));
  return s.add(s.mul(exponent, high), rest);
}

/** A value that holds for pole < x < ∞, extended to the pole (−∞), beyond it (NaN) and to ∞ and NaN. */
function extend<L extends Leaf>(x: Scalar<L>, pole: number, value: Scalar<L>): Scalar<L> {
  const finite = s.select(s.lt(x, Infinity), value, x);
  const atPole = s.select(s.eq(x, pole), constant(-Infinity, x.dtype), Number.NaN);
  return s.select(s.lt(pole, x), finite, atPole);
}

/** log x for 0 < x < ∞. */
export function logarithmOfPositive<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { fraction, exponent } = constants.format.split(x);
  return withExponent(constants, exponent, s.sub(fraction, 1));
}

function logarithm<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  return extend(x, 0, logarithmOfPositive(constants, x));
}

function binaryLogarithm<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { fraction, exponent } = constants.format.split(x);
  const natural = logarithmOfOnePlus(constants, s.sub(fraction, 1));
  return extend(x, 0, s.add(exponent, s.mul(natural, Math.LOG2E)));
}

/** With u = 1 + x rounded, what rounding lost is scaled like u and added to its fraction. */
function logarithmOfSuccessor<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const u = s.add(x, 1);
  const lost = s.sub(x, s.sub(u, 1));
  const { fraction, exponent } = constants.format.split(u);
  const scale = constants.format.power(s.max(s.neg(exponent), -126));
  const f = s.add(s.sub(fraction, 1), s.mul(lost, scale));
  const result = withExponent(constants, exponent, f);
  return extend(x, -1, s.select(s.eq(x, 0), x, result));
}

/** log x, within 1.1 ulp (float64: 1.3). */
export const log: Expansion = expansion(logarithms, logarithm);

/** log2 x, within 1.9 ulp (float64: 1.7), exact for powers of 2. */
export const log2: Expansion = expansion(logarithms, binaryLogarithm);

/** log(1 + x), within 1.6 ulp (float64: 1.9). */
export const log1p: Expansion = expansion(logarithms, logarithmOfSuccessor);
