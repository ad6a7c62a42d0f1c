/**
 * sin, cos and tan by subtracting a multiple of π (of π/2 for tan) in parts, and a polynomial.
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";

interface Constants {
  readonly format: Format;
  /** π in parts whose products with the multiples in use are exact, but for the last one (Cody and Waite 1980). */
  readonly pi: readonly number[];
  /** sin r = r + r³ Σ c_k r^2k for |r| ≤ π/2, the error relative to sin. */
  readonly sine: readonly number[];
  /** tan r = r + r³ Σ c_k r^2k for |r| ≤ π/4, the error relative to tan. */
  readonly tangent: readonly number[];
}

export const trigonometrics = {
  float32: {
    format: formats.float32,
    pi: [
      3.15625, -0.0146484375, -8.940696716308594e-6, 3.166496753692627e-8, 1.2187229003757238e-10,
      -3.3027991149306435e-13,
    ],
    sine: [-0.16666658, 0.00833303, -0.0001980685, 2.599518e-6],
    tangent: [0.3333312, 0.13339771, 0.053330116, 0.02472178, 0.002649535, 0.009665061],
  },
  float64: {
    format: formats.float64,
    pi: [3.1415926534682512, 1.2154201012607932e-10, 4.044532497422333e-21, 1.69568553207378e-31],
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

/** Σ parts · n, from the greatest to the least, added to `start`; the clamp bounds what is beyond the exact range. */
function subtract<L extends Leaf>(
  x: Scalar<L>,
  n: Scalar<L>,
  parts: readonly number[],
  bound: number,
): Scalar<L> {
  const r = parts.reduce((rest: Scalar<L>, part) => s.sub(rest, s.mul(n, part)), x);
  return s.min(s.max(r, -bound), bound);
}

/** A little more than π/2: the multiple is rounded from a rounded quotient. */
const bound = 1.6;

function sine<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const n = s.floor(s.add(s.mul(x, 1 / Math.PI), 0.5));
  const r = subtract(x, n, constants.pi, bound);
  return s.select(s.eq(x, 0), x, constants.format.alternate(odd(r, constants.sine), n));
}

/** cos x = (−1)^k sin((k + ½)π − x) */
function cosine<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const k = s.floor(s.mul(x, 1 / Math.PI));
  const n = s.add(k, 0.5);
  const [first = 0, ...others] = constants.pi;
  const start = s.sub(s.mul(n, first), x);
  const r = subtract(
    start,
    n,
    others.map((part) => -part),
    bound,
  );
  return constants.format.alternate(odd(r, constants.sine), k);
}

/** tan x = tan r or −1/tan r */
function tangent<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const n = s.floor(s.add(s.mul(x, 2 / Math.PI), 0.5));
  const r = subtract(
    x,
    n,
    constants.pi.map((part) => part / 2),
    bound / 2,
  );
  const t = odd(r, constants.tangent);
  const half = s.mul(n, 0.5);
  return s.select(s.eq(s.floor(half), half), t, s.div(constant(-1, x.dtype), t));
}

export const sin: Expansion = expansion(trigonometrics, sine);

export const cos: Expansion = expansion(trigonometrics, cosine);

export const tan: Expansion = expansion(trigonometrics, tangent);
