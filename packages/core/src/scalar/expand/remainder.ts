/**
 * The remainder of floats with the sign of the dividend (C's fmod), by two rounds of long division; where those are not exact,
 * which is rare, the machine divides bit by bit.
 *
 *     operations   float32   float64
 *     rem          60        71
 */

import * as s from "../build.js";
import { farQuotient } from "../remainder.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";
import { product } from "./pair.js";

interface Constants {
  readonly format: Format;
  /** From here on dividends are scaled down, so that no intermediate product overflows. */
  readonly large: number;
  readonly down: number;
  /** Below this divisors are scaled up, so that no error of a product is subnormal: some machines take such numbers for 0. */
  readonly small: number;
  readonly up: number;
}

const remainders = {
  float32: { format: formats.float32, large: 2 ** 100, down: 2 ** -30, small: 2 ** -77, up: 2 ** 64 },
  float64: { format: formats.float64, large: 2 ** 900, down: 2 ** -100, small: 2 ** -900, up: 2 ** 100 },
} as const satisfies Record<Float, Constants>;

/** a − trunc(a/b) · b, exactly: the remainder of a rounded quotient is a float. */
function reduce<L extends Leaf>(format: Format, a: Scalar<L>, b: Scalar<L>): Scalar<L> {
  const multiple = product(s.trunc(s.div(a, b)), b, format);
  return s.sub(s.sub(a, multiple.high), multiple.low);
}

function remainder<L extends Leaf>(
  { format, large, down, small, up }: Constants,
  x: Scalar<L>,
  y: Scalar<L>,
): Scalar<L> {
  const a = s.abs(x);
  const b = s.abs(y);
  const raised = s.select(s.lt(b, small), constant(up, x.dtype), 1);
  const scale = s.select(s.lt(a, large), raised, down);
  const divisor = s.mul(b, scale);
  const rest = reduce(format, reduce(format, s.mul(a, scale), divisor), divisor);
  const positive = s.select(s.lt(rest, 0), s.add(rest, divisor), rest);
  const bounded = s.select(s.lt(positive, divisor), s.div(positive, scale), 0);
  const reduced = s.select(s.lt(a, s.mul(b, farQuotient)), bounded, s.farRemainder(a, b));
  const magnitude = s.select(s.lt(a, b), a, reduced);
  const defined = s.and(s.lt(a, Infinity), s.lt(0, b));
  return s.select(defined, format.withSign(magnitude, x), Number.NaN);
}

/** x − trunc(x/y) · y, exactly. */
export const rem: Expansion = expansion(remainders, remainder);
