/**
 * pow as 2^(y · log2|x|), the logarithm and the product as pairs of floats (the scheme of fdlibm's e_pow).
 * It refuses to be correctly rounded.
 *
 *     operations   float32   float64
 *     pow          124       147
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { exponentials } from "./exponential.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";
import { halves, type Pair } from "./pair.js";

interface Constants {
  readonly format: Format;
  /** 3 atanh(t)/t = 3 + t² + t⁴ Σ c_k t^2k */
  readonly series: readonly number[];
  /** 2/(3 ln 2) in two parts, the first with half of the digits. */
  readonly factor: readonly [number, number];
  /** Greater exponents give what these give, unless x is 1. */
  readonly largest: number;
  /** Below and above, 2^z is 0 and ∞. */
  readonly range: readonly [number, number];
}

const powers = {
  float32: {
    format: formats.float32,
    series: [0.6000023, 0.42820635, 0.35129452],
    factor: [0.9619140625, -0.00011736857413779944],
    largest: 2 ** 32,
    range: [-151, 129],
  },
  float64: {
    format: formats.float64,
    series: [
      0.6000000000000338, 0.4285714285514939, 0.33333333779881613, 0.27272676550776825, 0.23080135998820814,
      0.19885226438761064, 0.1979449591471668,
    ],
    factor: [0.9617967009544373, -7.028461650952758e-9],
    largest: 2 ** 64,
    range: [-1076, 1025],
  },
} as const satisfies Record<Float, Constants>;

/** log2 x for 0 < x < ∞, the high part with half of the digits. */
function binaryLogarithm<L extends Leaf>(constants: Constants, x: Scalar<L>): Pair<L> {
  const { format, series, factor } = constants;
  const { fraction, exponent } = format.split(x);
  const f = s.sub(fraction, 1);
  const sum = s.add(fraction, 1);
  const inverse = s.div(1, sum);
  const t = s.mul(f, inverse);
  const tHigh = format.head(t);
  const sumHigh = format.head(sum);
  const sumLow = s.sub(fraction, s.sub(sumHigh, 1));
  const tLow = s.mul(inverse, s.sub(s.sub(f, s.mul(tHigh, sumHigh)), s.mul(tHigh, sumLow)));
  const square = s.mul(t, t);
  const tail = s.mul(s.mul(square, square), s.polynomial(square, series));
  const rest = s.add(tail, s.mul(tLow, s.add(tHigh, t)));
  const squareHigh = s.mul(tHigh, tHigh);
  const high = format.head(s.add(s.add(squareHigh, 3), rest));
  const low = s.sub(rest, s.sub(s.sub(high, 3), squareHigh));
  const u = s.mul(tHigh, high);
  const v = s.add(s.mul(tLow, high), s.mul(low, t));
  const scaled = format.head(s.add(u, v));
  const scaledLow = s.sub(v, s.sub(scaled, u));
  const product = s.mul(scaled, factor[0]);
  const productLow = s.add(s.mul(scaled, factor[1]), s.mul(scaledLow, factor[0] + factor[1]));
  const logarithm = format.head(s.add(s.add(product, productLow), exponent));
  return { high: logarithm, low: s.sub(productLow, s.sub(s.sub(logarithm, exponent), product)) };
}

/** |x|^y for 0 < |x| < ∞. */
function powerOfPositive<L extends Leaf>(constants: Constants, x: Scalar<L>, y: Scalar<L>): Scalar<L> {
  const { format, largest, range } = constants;
  const logarithm = binaryLogarithm(constants, x);
  const factor = s.min(s.max(y, -largest), largest);
  const parts = halves(factor, format);
  const high = s.mul(parts.high, logarithm.high);
  const low = s.add(s.mul(parts.low, logarithm.high), s.mul(factor, logarithm.low));
  const n = s.round(s.min(s.max(s.add(high, low), range[0]), range[1]));
  const r = s.min(s.max(s.add(s.sub(high, n), low), -1), 1);
  return format.scale(s.polynomial(r, exponentials[format.dtype].power2), n);
}

function power<L extends Leaf>(constants: Constants, x: Scalar<L>, y: Scalar<L>): Scalar<L> {
  const base = s.abs(x);
  const finite = s.lt(base, Infinity);
  const edge = s.select(s.lt(y, 0), s.div(1, base), s.select(s.lt(0, y), base, y));
  const inside = s.and(s.lt(0, base), finite);
  const magnitude = s.select(inside, powerOfPositive(constants, base, y), edge);
  const whole = s.eq(s.floor(y), y);
  const half = s.mul(y, 0.5);
  const odd = s.and(whole, s.ne(s.floor(half), half));
  const signed = s.select(s.and(odd, constants.format.isNegative(x)), s.neg(magnitude), magnitude);
  const undefinedRoot = s.and(s.and(s.lt(x, 0), finite), s.not(whole));
  const defined = s.select(undefinedRoot, Number.NaN, signed);
  return s.select(s.or(s.eq(x, 1), s.eq(y, 0)), constant(1, x.dtype), defined);
}

/** x^y, within 1.2 ulp (float64: 1.2); the cases of zeros, infinities and NaN are those of IEEE 754. */
export const pow: Expansion = expansion(powers, power);
