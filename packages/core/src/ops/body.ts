/** Scalar bodies that more than one op is made of. */

import * as s from "../scalar/build.js";
import type { Scalar } from "../scalar/scalar.js";

/** log(e^a + e^b) without overflow; equal infinities have no distance, and adding log 2 to them changes nothing. */
export function logAddExpBody<L extends { readonly kind: string; readonly dtype: Scalar["dtype"] }>(
  a: Scalar<L>,
  b: Scalar<L>,
): Scalar<L> {
  const distance = s.select(s.eq(a, b), 0, s.abs(s.sub(a, b)));
  return s.add(s.max(a, b), s.log1p(s.exp(s.neg(distance))));
}
