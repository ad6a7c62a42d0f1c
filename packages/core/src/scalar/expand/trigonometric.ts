/**
 * sin, cos and tan by taking away a multiple of π (of π/2 for tan) in parts (Cody & Waite 1980), and an odd minimax
 * polynomial: with π instead of π/2, sin and cos need one polynomial and no choice between two. Of a float32 beyond
 * 2^16 π (205 887), which is rare, the machine computes the angle as a whole. It refuses the same for float64: the bounds
 * hold for |x| ≤ 2^20 π (3.2 million), and beyond results are those of an argument some ulp away, and in [−1, 1].
 *
 *     operations   float32   float64
 *     sin          38        41
 *     cos          37        40
 *     tan          56        53
 */

import { farthestNear } from "../angle.js";
import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";

interface Constants {
  readonly format: Format;
  /** Beyond it the machine computes angles as a whole; undefined where it cannot, and results are in [−1, 1] at least. */
  readonly farthestNear: number | undefined;
  /** π in parts whose products with the multiples in use are exact, but for the smallest. */
  readonly pi: {
    /** Taking these away is exact. */
    readonly exact: readonly number[];
    readonly next: number;
    readonly small: number;
    readonly smallest: number;
  };
  /** sin r = r + r³ Σ c_k r^2k for |r| ≤ π/2, the error relative to sin. */
  readonly sine: readonly number[];
  /** tan r = r + r³ Σ c_k r^2k for |r| ≤ π/4, the error relative to tan. */
  readonly tangent: readonly number[];
}

export const trigonometrics = {
  float32: {
    format: formats.float32,
    farthestNear,
    pi: {
      exact: [3.125, 0.0166015625, -8.940696716308594e-6],
      next: 3.166496753692627e-8,
      small: 1.2187229003757238e-10,
      smallest: -3.3027991149306435e-13,
    },
    sine: [-0.16666658, 0.00833303, -0.0001980685, 2.599518e-6],
    tangent: [0.3333312, 0.13339771, 0.053330116, 0.02472178, 0.002649535, 0.009665061],
  },
  float64: {
    format: formats.float64,
    farthestNear: undefined,
    pi: {
      exact: [3.1415926534682512],
      next: 1.2154201012607932e-10,
      small: 4.044532497422333e-21,
      smallest: 1.69568553207378e-31,
    },
    sine: [
      -0.16666666666666666, 0.008333333333333207, -0.00019841269841212476, 2.7557319211568428e-6,
      -2.5052106904264746e-8, 1.605894099088822e-10, -7.643018974757148e-13, 2.7214142275873066e-15,
    ],
    tangent: [
      0.3333333333333278, 0.13333333333414138, 0.05396825392687892, 0.02186948960426124, 0.008863219227838424,
      0.0035922885273801087, 0.0014547612061547063, 0.0005950515019668424, 0.00022241795666614507,
      0.0001364483328646614, -2.627876861720932e-5, 8.935463128215341e-5, -4.4824232634297876e-5,
      2.0850754014026118e-5,
    ],
  },
} as const satisfies Record<Float, Constants>;

/** x + x³ Σ c_k x^2k */
export function odd<L extends Leaf>(x: Scalar<L>, coefficients: readonly number[]): Scalar<L> {
  const square = s.mul(x, x);
  return s.add(x, s.mul(x, s.mul(square, s.polynomial(square, coefficients))));
}

/** How far x is from a multiple of π or π/2, and that multiple: of far arguments 0, or whatever is as odd as theirs. */
interface Reduced<L> {
  readonly angle: Scalar<L>;
  readonly multiple: Scalar<L>;
}

/**
 * x − n · scale · π. Where the difference is small, all steps but the last are exact; where it is not, what the next
 * part loses is made up with the small one.
 */
function subtract<L extends Leaf>({ pi }: Constants, x: Scalar<L>, n: Scalar<L>, scale: number): Scalar<L> {
  const part = (value: number): Scalar<L> => s.mul(n, value * scale);
  const start = pi.exact.reduce<Scalar<L>>((sum, value) => s.sub(sum, part(value)), x);
  const next = part(pi.next);
  const sum = s.sub(start, next);
  const lost = s.sub(s.sub(start, sum), next);
  return s.sub(s.sub(sum, s.sub(part(pi.small), lost)), part(pi.smallest));
}

/** A little more than π/2: the multiple is rounded from a rounded quotient. */
const bound = 1.6;

/** What is beyond the range of float64 is kept from growing. */
function bounded<L extends Leaf>(angle: Scalar<L>, scale: number): Scalar<L> {
  return s.min(s.max(angle, -bound * scale), bound * scale);
}

/** As reduced by subtraction, or beyond where that holds. */
function orFar<L extends Leaf>(
  { farthestNear }: Constants,
  x: Scalar<L>,
  near: Reduced<L>,
  far: () => Reduced<L>,
  scale: number,
): Reduced<L> {
  if (farthestNear === undefined) return { ...near, angle: bounded(near.angle, scale) };
  const isNear = s.le(s.abs(x), farthestNear);
  const { angle, multiple } = far();
  return {
    angle: s.select(isNear, near.angle, angle),
    multiple: s.select(isNear, near.multiple, multiple),
  };
}

/** sin x = (−1)^n sin(x − nπ) */
function sine<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const n = s.floor(s.add(s.mul(x, 1 / Math.PI), 0.5));
  const near = { angle: subtract(constants, x, n, 1), multiple: n };
  const far = () => ({ angle: s.sineAngle(x), multiple: constant(0, x.dtype) });
  const { angle, multiple } = orFar(constants, x, near, far, 1);
  return s.select(s.eq(x, 0), x, constants.format.alternate(odd(angle, constants.sine), multiple));
}

/** cos x = (−1)^(k + 1) sin(x − (k + ½)π) */
function cosine<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const k = s.floor(s.mul(x, 1 / Math.PI));
  const near = { angle: subtract(constants, x, s.add(k, 0.5), 1), multiple: s.add(k, 1) };
  const far = () => ({ angle: s.cosineAngle(x), multiple: constant(0, x.dtype) });
  const { angle, multiple } = orFar(constants, x, near, far, 1);
  return constants.format.alternate(odd(angle, constants.sine), multiple);
}

/** The smaller of the two angles of x, whose sines are its sine and its cosine, with the sign of its tangent or cotangent. */
function farTangent<L extends Leaf>(x: Scalar<L>): Reduced<L> {
  const [a, b] = [s.sineAngle(x), s.cosineAngle(x)];
  const even = s.le(s.abs(a), s.abs(b));
  return {
    angle: s.select(even, s.select(s.lt(b, 0), s.neg(a), a), s.select(s.lt(a, 0), b, s.neg(b))),
    multiple: s.select(even, constant(0, x.dtype), constant(1, x.dtype)),
  };
}

/** tan x = tan r or −1/tan r with r = x − nπ/2 */
function tangent<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const n = s.floor(s.add(s.mul(x, 2 / Math.PI), 0.5));
  const near = { angle: subtract(constants, x, n, 0.5), multiple: n };
  const { angle, multiple } = orFar(constants, x, near, () => farTangent(x), 0.5);
  const t = odd(angle, constants.tangent);
  const half = s.mul(multiple, 0.5);
  return s.select(s.eq(x, 0), x, s.select(s.eq(s.floor(half), half), t, s.div(-1, t)));
}

/** sin x, within 2.4 ulp (float64: 2.0 for |x| ≤ 2^20 π). */
export const sin: Expansion = expansion(trigonometrics, sine);

/** cos x, within 2.4 ulp (float64: 2.0 for |x| ≤ 2^20 π). */
export const cos: Expansion = expansion(trigonometrics, cosine);

/** tan x, within 3.6 ulp (float64: 2.5 for |x| ≤ 2^20 π). */
export const tan: Expansion = expansion(trigonometrics, tangent);
