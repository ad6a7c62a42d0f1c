/** lgamma: a rational function below 8, Stirling's series above, reflection left of −½. */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Leaf } from "./format.js";
import { logarithmOfPositive, logarithms } from "./logarithm.js";
import { odd, trigonometrics } from "./trigonometric.js";

interface Constants {
  readonly float: Float;
  /** lgamma x = (x − 1)(x − 2) P(x)/Q(x) for ½ ≤ x ≤ 8; all terms are positive. */
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
  /** lgamma x = (x − ½)(log x − 1) + ½(log 2π − 1) + Σ c_k x^(−2k − 1) for x ≥ 8. */
  readonly stirling: readonly number[];
}

const gammas = {
  float32: {
    float: "float32",
    numerator: [2.1576512, 20.400274, 32.063442, 10.99141, 0.7258417, 0.002286341],
    denominator: [1, 18.849052, 53.19013, 35.562263, 6.122986, 0.20818265],
    stirling: [0.083333276, -0.0027626508],
  },
  float64: {
    float: "float64",
    numerator: [
      2.8409169629390227, 148.01556590019814, 1732.0744541698832, 7314.215025624244, 13396.386747359578,
      11544.961384479291, 4823.654932700203, 965.5075411729205, 87.30574530690821, 3.1151185514308186,
      0.03165373267804707, 1.761232579049189e-5,
    ],
    denominator: [
      1, 83.14088279605463, 1377.8078787321322, 7918.525857778269, 19489.440361365418, 22744.617566077202,
      13236.805547062304, 3881.8608464790686, 558.7263228740705, 36.69036411189465, 0.9397677230644924,
      0.006390887407074914,
    ],
    stirling: [
      0.0833333333333331, -0.0027777777773627956, 0.0007936505776741114, -0.0005951898344984592,
      0.000836467309919487, -0.001633619220460314,
    ],
  },
} as const satisfies Record<Float, Constants>;

const offset = (Math.log(2 * Math.PI) - 1) / 2;

function logarithmOfGamma<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { float, numerator, denominator, stirling } = constants;
  const log = (argument: Scalar<L>): Scalar<L> => logarithmOfPositive(logarithms[float], argument);
  const magnitude = s.abs(x);
  const small = s.lt(magnitude, 0.5);
  const logarithm = log(magnitude);

  const argument = s.select(small, s.add(x, 1), magnitude);
  const overOne = s.select(small, x, s.sub(magnitude, 1));
  const roots = s.mul(overOne, s.sub(overOne, 1));
  const ratio = s.div(s.polynomial(argument, numerator), s.polynomial(argument, denominator));
  const middle = s.mul(roots, ratio);
  const near = s.select(small, s.sub(middle, logarithm), middle);

  const inverse = s.div(1, magnitude);
  const series = s.mul(inverse, s.polynomial(s.mul(inverse, inverse), stirling));
  const far = s.add(s.mul(s.sub(magnitude, 0.5), s.sub(logarithm, 1)), s.add(series, offset));
  const right = s.select(s.lt(magnitude, 8), near, far);

  const distance = s.abs(s.sub(x, s.round(x)));
  const sine = odd(s.mul(distance, Math.PI), trigonometrics[float].sine);
  const left = s.sub(log(s.div(Math.PI, s.mul(magnitude, sine))), right);
  const finite = s.select(s.le(x, -0.5), left, right);
  const pole = s.and(s.le(x, 0), s.eq(distance, 0));
  return s.select(s.or(pole, s.eq(magnitude, Infinity)), constant(Infinity, x.dtype), finite);
}

export const lgamma: Expansion = expansion(gammas, logarithmOfGamma);
