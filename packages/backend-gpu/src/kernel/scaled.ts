/** Products of any number of floats as mantissa · 2^exponent: they neither overflow nor vanish. It refuses to add them. */

import { type KernelScalar, scalar as s } from "@adjoint/core/kernel";

/** mantissa · 2^exponent with 1 ≤ |mantissa| < 2; of 0, of infinities and of what is no number the exponent is 0. */
export interface Scaled {
  readonly mantissa: KernelScalar;
  readonly exponent: KernelScalar;
}

export function timesFloat({ mantissa, exponent }: Scaled, factor: KernelScalar): Scaled {
  // Of a large factor half the product is taken, so that it stays a float; of a small one all, for the same reason.
  const isSmall = s.lt(s.abs(factor), 1);
  const product = s.mul(s.select(isSmall, mantissa, s.mul(mantissa, 0.5)), factor);
  const magnitude = s.abs(product);
  const isRegular = s.and(s.lt(0, magnitude), s.lt(magnitude, Infinity));
  const own = s.select(isRegular, s.exponent(product), 0);
  const shift = s.select(isSmall, own, s.add(own, 1));
  return {
    mantissa: s.ldexp(product, s.neg(own)),
    exponent: s.select(isRegular, s.add(exponent, shift), 0),
  };
}

/** A float times a product: a float wherever the true value is one. */
export function scaledBy(value: KernelScalar, { mantissa, exponent }: Scaled): KernelScalar {
  return s.mul(s.ldexp(value, exponent), mantissa);
}
