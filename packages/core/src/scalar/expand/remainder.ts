/**
 * The remainder of floats with the sign of the dividend (C's fmod), by two rounds of long division.
 * It refuses more rounds: with greater quotients, neighboring dividends are farther apart than the divisor is large.
 *
 *     operations   float32   float64
 *     rem          54        65
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";
import { product } from "./pair.js";

interface Constants {
  readonly format: Format;
  /** From here on dividends are scaled down, so that no intermediate product overflows. */
  readonly large: number;
  readonly scale: number;
}

const remainders = {
  float32: { format: formats.float32, large: 2 ** 100, scale: 2 ** -30 },
  float64: { format: formats.float64, large: 2 ** 900, scale: 2 ** -100 },
} as const satisfies Record<Float, Constants>;

/** a − trunc(a/b) · b, exactly: the remainder of a rounded quotient is a float. */
function reduce<L extends Leaf>(format: Format, a: Scalar<L>, b: Scalar<L>): Scalar<L> {
  const multiple = product(s.trunc(s.div(a, b)), b, format);
  return s.sub(s.sub(a, multiple.high), multiple.low);
}

function remainder<L extends Leaf>(
  { format, large, scale }: Constants,
  x: Scalar<L>,
  y: Scalar<L>,
): Scalar<L> {
  const a = s.abs(x);
  const b = s.abs(y);
  const down = s.select(s.lt(a, large), constant(1, x.dtype), scale);
  const divisor = s.mul(b, down);
  const rest = reduce(format, reduce(format, s.mul(a, down), divisor), divisor);
  const positive = s.select(s.lt(rest, 0), s.add(rest, divisor), rest);
  const bounded = s.select(s.lt(positive, divisor), s.div(positive, down), 0);
  const magnitude = s.select(s.lt(a, b), a, bounded);
  const defined = s.and(s.lt(a, Infinity), s.lt(0, b));
  return s.select(defined, format.withSign(magnitude, x), Number.NaN);
}

/** x − trunc(x/y) · y, exact for |x/y| < 2^47 (float64: 2^104); beyond it may be 0. */
export const rem: Expansion = expansion(remainders, remainder);
