/** The remainder of floats with the sign of the dividend (C's fmod), by two rounds of long division. */

import * as s from "../build.js";
import type { Scalar } from "../scalar.js";
import { type Expansion, expansion, type Format, formats, type Leaf } from "./format.js";
import { product } from "./pair.js";

/** a − trunc(a/b) · b, exactly (the remainder of a rounded quotient is a float). */
function reduce<L extends Leaf>(format: Format, a: Scalar<L>, b: Scalar<L>): Scalar<L> {
  const multiple = product(s.trunc(s.div(a, b)), b, format);
  return s.sub(s.sub(a, multiple.high), multiple.low);
}

function remainder<L extends Leaf>(format: Format, x: Scalar<L>, y: Scalar<L>): Scalar<L> {
  const a = s.abs(x);
  const b = s.abs(y);
  const rest = reduce(format, reduce(format, a, b), b);
  const positive = s.select(s.lt(rest, 0), s.add(rest, b), rest);
  const bounded = s.select(s.lt(positive, b), positive, 0);
  const magnitude = s.select(s.lt(a, b), a, bounded);
  const defined = s.and(s.lt(a, Infinity), s.lt(0, b));
  return s.select(defined, format.withSign(magnitude, x), Number.NaN);
}

export const rem: Expansion = expansion(formats, remainder);
