/**
 * Unevaluated sums of two floats, exact where one float is not. It refuses to be a number type.
 * A backend may fuse a product that has one use with the sum that uses it; products with more uses must be rounded.
 */

import * as s from "../build.js";
import type { Scalar } from "../scalar.js";
import type { Format, Leaf } from "./format.js";

export interface Pair<L> {
  readonly high: Scalar<L>;
  readonly low: Scalar<L>;
}

/** x = high + low exactly, each with half of the digits. */
export function halves<L extends Leaf>(x: Scalar<L>, format: Format): Pair<L> {
  const high = format.head(x);
  return { high, low: s.sub(x, high) };
}

/** a · b = high + low exactly, high being the rounded product (Dekker 1971). */
export function product<L extends Leaf>(a: Scalar<L>, b: Scalar<L>, format: Format): Pair<L> {
  const x = halves(a, format);
  const y = halves(b, format);
  const high = s.mul(a, b);
  const outer = s.sub(s.mul(x.high, y.high), high);
  const inner = s.add(s.add(outer, s.mul(x.high, y.low)), s.mul(x.low, y.high));
  return { high, low: s.add(inner, s.mul(x.low, y.low)) };
}
