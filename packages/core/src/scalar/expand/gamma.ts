/**
 * lgamma: minimax partial fractions below 8, Stirling's series above (NIST DLMF 5.11.1), reflection left of −½
 * (5.5.3). It refuses relative accuracy at the zeros between the poles.
 *
 *     operations   float32   float64
 *     lgamma       111       163
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Leaf } from "./format.js";
import { logarithmOfPositive, logarithms } from "./logarithm.js";
import { odd, trigonometrics } from "./trigonometric.js";

interface Constants {
  readonly float: Float;
  /** lgamma x = (x − 1)(x − 2)(c + Σ a/(x + b)) for ½ ≤ x ≤ 8: all terms are positive, which keeps rounding small. */
  readonly limit: number;
  readonly fractions: readonly { readonly a: number; readonly b: number }[];
  /** lgamma x = (x − ½)(log x − 1) + ½(log 2π − 1) + Σ c_k x^(−2k − 1) for x ≥ 8. */
  readonly stirling: readonly number[];
}

const gammas = {
  float32: {
    float: "float32",
    limit: 0.01098238,
    fractions: [
      { a: 1.6726573, b: 22.238693 },
      { a: 0.819516, b: 5.116804 },
      { a: 0.41551986, b: 1.5741154 },
      { a: 0.17737456, b: 0.41780752 },
      { a: 0.07848473, b: 0.06418516 },
    ],
    stirling: [0.083333276, -0.0027626508],
  },
  float64: {
    float: "float64",
    limit: 0.002755849801235834,
    fractions: [
      { a: 1.6827327845996463, b: 96.12479814749754 },
      { a: 0.9022705725968886, b: 26.84271350497752 },
      { a: 0.6077233655360619, b: 11.503937262004413 },
      { a: 0.43852663273382825, b: 5.812524594480814 },
      { a: 0.3180755388133444, b: 3.1598253385780004 },
      { a: 0.22067653683168928, b: 1.7660927678624834 },
      { a: 0.14738753973104832, b: 0.999729599225961 },
      { a: 0.09271111667226922, b: 0.50004359821108 },
      { a: 0.07122391335340048, b: 0.23514452831410942 },
      { a: 0.046341408606409375, b: 0.08746431872321914 },
      { a: 0.020036117782357935, b: 0.015806396133956 },
    ],
    stirling: [
      0.0833333333333331, -0.0027777777773627956, 0.0007936505776741114, -0.0005951898344984592,
      0.000836467309919487, -0.001633619220460314,
    ],
  },
} as const satisfies Record<Float, Constants>;

/** The sum as a balanced tree, which rounds least. */
function pairwise<L extends Leaf>(terms: readonly Scalar<L>[]): Scalar<L> {
  const [first = constant(0, "float32")] = terms;
  if (terms.length <= 1) return first;
  const middle = terms.length >> 1;
  return s.add(pairwise(terms.slice(0, middle)), pairwise(terms.slice(middle)));
}

const shift = (Math.log(2 * Math.PI) - 1) / 2;

/** lgamma |x| for |x| < 8, but lgamma x for |x| < ½, where the argument is moved by 1. */
function near<L extends Leaf>(constants: Constants, x: Scalar<L>, logarithm: Scalar<L>): Scalar<L> {
  const { limit, fractions } = constants;
  const magnitude = s.abs(x);
  const small = s.lt(magnitude, 0.5);
  const argument = s.select(small, s.add(x, 1), magnitude);
  const overOne = s.select(small, x, s.sub(magnitude, 1));
  const roots = s.mul(overOne, s.sub(overOne, 1));
  const terms = fractions.map(({ a, b }) => s.div(a, s.add(argument, b)));
  const sum = pairwise([constant(limit, x.dtype), ...terms]);
  return s.add(s.mul(roots, sum), s.select(small, s.neg(logarithm), 0));
}

function far<L extends Leaf>({ stirling }: Constants, x: Scalar<L>, logarithm: Scalar<L>): Scalar<L> {
  const inverse = s.div(1, x);
  const series = s.mul(inverse, s.polynomial(s.mul(inverse, inverse), stirling));
  return s.add(s.mul(s.sub(x, 0.5), s.sub(logarithm, 1)), s.add(series, shift));
}

function logarithmOfGamma<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const { float } = constants;
  const log = (argument: Scalar<L>): Scalar<L> => logarithmOfPositive(logarithms[float], argument);
  const magnitude = s.abs(x);
  const logarithm = log(magnitude);
  const right = s.select(
    s.lt(magnitude, 8),
    near(constants, x, logarithm),
    far(constants, magnitude, logarithm),
  );
  const distance = s.abs(s.sub(x, s.round(x)));
  const sine = odd(s.mul(distance, Math.PI), trigonometrics[float].sine);
  const left = s.sub(log(s.div(Math.PI, s.mul(magnitude, sine))), right);
  const finite = s.select(s.le(x, -0.5), left, right);
  const pole = s.and(s.le(x, 0), s.eq(distance, 0));
  return s.select(s.or(pole, s.eq(magnitude, Infinity)), constant(Infinity, x.dtype), finite);
}

/**
 * log|Γ(x)|, within 3.6 ulp (float64: 3.9) for x > −1; left of it within 3.2 ulp of the largest of |log|Γ(x)||,
 * |log Γ(−x)| and 1. ∞ at the poles.
 */
export const lgamma: Expansion = expansion(gammas, logarithmOfGamma);
