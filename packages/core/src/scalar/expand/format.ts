/**
 * How a float dtype is taken apart in primitive operations: sign, exponent, leading half of the digits.
 * A float32 is read as its 32 bits; of a float64, whose 64 bits no integer dtype holds, only arithmetic is used.
 * It refuses to know any function.
 */

import type { DType } from "../../dtype.js";
import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";

/** What the leaves of an expanded expression must have. */
export interface Leaf {
  readonly dtype: DType;
  readonly kind: string;
}

/** The dtypes that have expansions. */
export type Float = "float32" | "float64";

/** An operation written in primitive ones; unary operations ignore `b`. */
export type Expand = <L extends Leaf>(a: Scalar<L>, b: Scalar<L>) => Scalar<L>;

export type Expansion = Readonly<Record<Float, Expand>>;

export interface Format {
  readonly dtype: Float;
  /** 2^n for an integral n in [−126, 127] (float32: 3 operations; float64: 1). */
  power<L extends Leaf>(n: Scalar<L>): Scalar<L>;
  /** x · 2^n, rounded once, for an integral n in [−252, 254] and ½ ≤ x < 2 (float32: 9 operations; float64: 1). */
  scale<L extends Leaf>(x: Scalar<L>, n: Scalar<L>): Scalar<L>;
  /** x = fraction · 2^exponent with √½ ≤ fraction < √2, for 0 < x < ∞ (float32: 9 operations; float64: 8). */
  split<L extends Leaf>(x: Scalar<L>): { readonly fraction: Scalar<L>; readonly exponent: Scalar<L> };
  /** Whether the sign bit is set (float32: 1 operation; float64: 3). */
  isNegative<L extends Leaf>(x: Scalar<L>): Scalar<L>;
  /** A magnitude ≥ 0 with the sign bit of another value (float32: 2 operations; float64: 5). */
  withSign<L extends Leaf>(magnitude: Scalar<L>, of: Scalar<L>): Scalar<L>;
  /** −x if the integral n is odd, else x (float32: 3 operations; float64: 5). */
  alternate<L extends Leaf>(x: Scalar<L>, n: Scalar<L>): Scalar<L>;
  /** x without the lower half of its digits: products of heads are exact (float32: 1 operation; float64: 3). */
  head<L extends Leaf>(x: Scalar<L>): Scalar<L>;
}

const mantissaBits = 23;
const one = 0x3f800000;
const rootOfHalf = 0x3f3504f3;
const smallestNormal = 2 ** -126;

function toBits<L extends Leaf>(x: Scalar<L>): Scalar<L> {
  return s.bitcast(x, "int32");
}

function toFloat<L extends Leaf>(bits: Scalar<L>): Scalar<L> {
  return s.bitcast(bits, "float32");
}

/** 2^n for an integer of whose bits only the lowest nine count: the others leave on the left. */
function powerOfInteger<L extends Leaf>(n: Scalar<L>): Scalar<L> {
  return toFloat(s.add(s.shl(n, mantissaBits), one));
}

/** 1.5 · 2^23: next to it floats are as far apart as integers, and the lowest bits of its sum with n are those of n. */
const shifter = 12_582_912;

/** Bits whose lowest ones are those of an integral float between ±2^22; a conversion would have to look for NaN. */
function lowBits<L extends Leaf>(n: Scalar<L>): Scalar<L> {
  return toBits(s.add(n, shifter));
}

const single: Format = {
  dtype: "float32",
  power: (n) => powerOfInteger(lowBits(n)),
  /** In two steps, the second of which rounds a subnormal result. */
  scale: (x, n) => {
    const whole = lowBits(n);
    const half = s.shr(whole, 1);
    return s.mul(s.mul(x, powerOfInteger(s.sub(whole, half))), powerOfInteger(half));
  },
  split: (x) => {
    const offset = 23;
    const lifted = s.sub(toBits(s.mul(x, 2 ** offset)), offset << mantissaBits);
    const bits = s.select(s.lt(x, smallestNormal), lifted, toBits(x));
    const exponent = s.shr(s.sub(bits, rootOfHalf), mantissaBits);
    const fraction = toFloat(s.sub(bits, s.shl(exponent, mantissaBits)));
    return { fraction, exponent: s.cast(exponent, "float32") };
  },
  isNegative: (x) => s.lt(toBits(x), 0),
  withSign: (magnitude, of) => toFloat(s.or(toBits(magnitude), s.and(toBits(of), -0x80000000))),
  alternate: (x, n) => toFloat(s.xor(toBits(x), s.shl(s.cast(n, "int32"), 31))),
  head: (x) => toFloat(s.and(toBits(x), -0x1000)),
};

const double: Format = {
  dtype: "float64",
  power: (n) => s.ldexp(constant(1, "float64"), n),
  scale: (x, n) => s.ldexp(x, n),
  split: (x) => {
    const binade = s.exponent(x);
    const fraction = s.ldexp(x, s.neg(binade));
    const upper = s.lt(Math.SQRT2, fraction);
    return {
      fraction: s.select(upper, s.mul(fraction, 0.5), fraction),
      exponent: s.select(upper, s.add(binade, 1), binade),
    };
  },
  /** The reciprocal tells −0 from 0. */
  isNegative: (x) => s.lt(s.add(x, s.div(1, x)), 0),
  withSign: (magnitude, of) => s.select(double.isNegative(of), s.neg(magnitude), magnitude),
  alternate: (x, n) => {
    const half = s.mul(n, 0.5);
    return s.select(s.eq(s.floor(half), half), x, s.neg(x));
  },
  /** Veltkamp's splitting. */
  head: (x) => {
    const scaled = s.mul(x, 2 ** 27 + 1);
    return s.sub(scaled, s.sub(scaled, x));
  },
};

export const formats = { float32: single, float64: double } as const satisfies Record<Float, Format>;

/** One algorithm with the constants of each dtype. */
export function expansion<C>(
  constants: Readonly<Record<Float, C>>,
  expand: <L extends Leaf>(constants: C, a: Scalar<L>, b: Scalar<L>) => Scalar<L>,
): Expansion {
  return {
    float32: (a, b) => expand(constants.float32, a, b),
    float64: (a, b) => expand(constants.float64, a, b),
  };
}
