/**
 * erf: an odd minimax polynomial about 0, and 1 − erfc beyond, of float32 by a polynomial to the power −16 (after
 * Abramowitz & Stegun 7.1.28), of float64 by a rational function times exp(−x²). It refuses to be correctly rounded.
 *
 *     operations   float32   float64
 *     erf          36        94
 */

import * as s from "../build.js";
import type { Scalar } from "../scalar.js";
import { exponential, exponentials } from "./exponential.js";
import { type Expansion, formats, type Leaf } from "./format.js";

interface Central {
  /** erf x = x + x Σ c_k x^2k for |x| up to here. */
  readonly bound: number;
  readonly series: readonly number[];
}

const single = {
  bound: 1.25,
  series: [0.12837914, -0.37612468, 0.11282121, -0.026803134, 0.0051079574, -0.00074151106, 6.179938e-5],
  /** erfc x = (Σ c_k x^k)^−16 beyond; the sum grows without bound. */
  root: [0.997297, 0.07974535, 0.029542057, 0.018308181, -0.0032687348, 0.00091405876],
};

const double = {
  bound: 1,
  series: [
    0.12837916709551256, -0.37612638903183454, 0.1128379167094244, -0.026866170642898885,
    0.005223977604685109, -0.0008548325870415766, 0.00012055292025156445, -1.4924685534587894e-5,
    1.6446830778052448e-6, -1.6204192721075703e-7, 1.3702459210659688e-8, -7.764589876356119e-10,
  ],
  /** erfc x = exp(−x²) P(x)/Q(x) beyond, up to where erf rounds to 1; the error is relative to erf. */
  last: 6,
  numerator: [
    0.9999998890689548, 1.390105762012453, 0.9489346448546375, 0.373249342723356, 0.08423743432415585,
    0.008913572338857846,
  ],
  denominator: [
    1, 2.5184837588024225, 2.7907451381916646, 1.756018166026053, 0.6695265030848554, 0.14930303582759905,
    0.015799018958307293,
  ],
};

function central<L extends Leaf>({ series }: Central, x: Scalar<L>): Scalar<L> {
  return s.add(x, s.mul(x, s.polynomial(s.mul(x, x), series)));
}

function singleErf<L extends Leaf>(x: Scalar<L>): Scalar<L> {
  const magnitude = s.abs(x);
  let power = s.polynomial(magnitude, single.root);
  for (let squarings = 0; squarings < 4; squarings++) power = s.mul(power, power);
  const outer = formats.float32.withSign(s.sub(1, s.div(1, power)), x);
  return s.select(s.lt(magnitude, single.bound), central(single, x), outer);
}

function doubleErf<L extends Leaf>(x: Scalar<L>): Scalar<L> {
  const magnitude = s.abs(x);
  const y = s.min(magnitude, double.last);
  const ratio = s.div(s.polynomial(y, double.numerator), s.polynomial(y, double.denominator));
  const rest = s.mul(exponential(exponentials.float64, s.neg(s.mul(y, y))), ratio);
  const outer = formats.float64.withSign(s.sub(1, rest), x);
  return s.select(s.lt(magnitude, double.bound), central(double, x), outer);
}

/** erf x, within 2.7 ulp (float64: 1.4), never beyond ±1. */
export const erf: Expansion = { float32: singleErf, float64: doubleErf };
