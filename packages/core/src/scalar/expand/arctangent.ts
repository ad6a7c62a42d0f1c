/**
 * atan and atan2: an odd minimax polynomial for quotients in [0, 1], and where the point lies.
 * It refuses to be correctly rounded.
 *
 *     operations   float32   float64
 *     atan         26        51
 *     atan2        40        67
 */

import * as s from "../build.js";
import { constant, type Scalar } from "../scalar.js";
import { type Expansion, expansion, type Float, type Format, formats, type Leaf } from "./format.js";

interface Constants {
  readonly format: Format;
  /** atan t = t + t³ Σ c_k t^2k for 0 ≤ t ≤ 1, the error relative to atan. */
  readonly series: readonly number[];
}

const arctangents = {
  float32: {
    format: formats.float32,
    series: [
      -0.33333153, 0.19993767, -0.14211002, 0.1066577, -0.07551664, 0.0432048, -0.016363245, 0.0029194376,
    ],
  },
  float64: {
    format: formats.float64,
    series: [
      -0.3333333333333186, 0.19999999999755194, -0.14285714271342073, 0.11111110678910142,
      -0.0909090123760755, 0.07692212951022473, -0.06665860497760985, 0.05877308422038577,
      -0.05239235368767534, 0.04673956181418129, -0.040926522689999106, 0.03406804261202809,
      -0.02582709098460213, 0.016978320704676968, -0.009184765523391938, 0.0038560830597016405,
      -0.0011641104895662414, 0.00022303087177283205, -2.0259406516948322e-5,
    ],
  },
} as const satisfies Record<Float, Constants>;

function ofQuotient<L extends Leaf>({ series }: Constants, t: Scalar<L>): Scalar<L> {
  const square = s.mul(t, t);
  return s.add(t, s.mul(t, s.mul(square, s.polynomial(square, series))));
}

function arctangent<L extends Leaf>(constants: Constants, x: Scalar<L>): Scalar<L> {
  const magnitude = s.abs(x);
  const steep = s.lt(1, magnitude);
  const angle = ofQuotient(constants, s.select(steep, s.div(1, magnitude), magnitude));
  return constants.format.withSign(s.select(steep, s.sub(Math.PI / 2, angle), angle), x);
}

/** The angle of the point in the first octant, then in the first quadrant, the upper half plane, the plane. */
function angleOfPoint<L extends Leaf>(constants: Constants, y: Scalar<L>, x: Scalar<L>): Scalar<L> {
  const { format } = constants;
  const height = s.abs(y);
  const width = s.abs(x);
  const steep = s.lt(width, height);
  const shorter = s.select(steep, width, height);
  const longer = s.select(steep, height, width);
  const origin = s.eq(longer, 0);
  const diagonal = s.select(origin, longer, constant(1, x.dtype));
  const quotient = s.select(s.eq(shorter, longer), diagonal, s.div(shorter, longer));
  const octant = ofQuotient(constants, quotient);
  const quadrant = s.select(steep, s.sub(Math.PI / 2, octant), octant);
  const half = s.select(format.isNegative(x), s.sub(Math.PI, quadrant), quadrant);
  // Compilers turn the choice by order above into minimum and maximum, which lose NaN on some devices.
  const isOrdered = s.and(s.eq(x, x), s.eq(y, y));
  return s.select(isOrdered, format.withSign(half, y), s.add(x, y));
}

/** atan x, within 2.2 ulp (float64: 2.0). */
export const atan: Expansion = expansion(arctangents, arctangent);

/** The angle of the point (x, y), within 2.2 ulp (float64: 2.0), with the zeros and infinities of IEEE 754. */
export const atan2: Expansion = expansion(arctangents, angleOfPoint);
