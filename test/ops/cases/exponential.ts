/** Cases of powers, exponentials, logarithms and roots. */

import {
  exp,
  exp2,
  expm1,
  greater,
  hypot,
  log,
  log1p,
  log2,
  log10,
  logAddExp,
  logit,
  oneMinusSquare,
  polynomial,
  pow,
  power,
  rsqrt,
  sqrt,
  square,
  where,
  xlogy,
} from "@adjoint/core";
import { type Cases, fixed, float, integers, points } from "./case.js";
import { each, pairwise } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

export const exponential = {
  exp: [
    { operands: [float([2, 3])], build: (x) => exp(x), value: each(Math.exp) },
    {
      title: "far out",
      operands: [points([-1e4, 1e4, -infinity, 0])],
      order: 0,
      build: (x) => exp(x),
      value: [0, infinity, 0, 1],
      gradients: [[0, infinity, 0, 1]],
    },
    {
      title: "overflow in the branch not taken",
      operands: [points([1e4, 1])],
      order: 0,
      build: (x) => where(greater(x, 100), x, exp(x)),
      value: [1e4, Math.E],
      gradients: [[1, Math.E]],
    },
  ],
  exp2: [{ operands: [float([5])], build: (x) => exp2(x), value: each((x) => 2 ** x) }],
  expm1: [
    { operands: [float([5])], build: (x) => expm1(x), value: each(Math.expm1) },
    {
      title: "near 0",
      operands: [points([1e-20, 0, -1e-9])],
      order: 0,
      build: (x) => expm1(x),
      value: each(Math.expm1),
      gradients: [[1, 1, 1 - 1e-9]],
    },
  ],
  log: [
    { operands: [float([5], 0.1, 4)], build: (x) => log(x), value: each(Math.log) },
    {
      title: "at the ends",
      operands: [points([0, infinity, -1])],
      order: 0,
      build: (x) => log(x),
      value: [-infinity, infinity, nan],
      gradients: [[infinity, 0, -1]],
    },
  ],
  log2: [{ operands: [float([5], 0.1, 4)], build: (x) => log2(x), value: each(Math.log2) }],
  log10: [{ operands: [float([5], 0.1, 4)], build: (x) => log10(x), value: each(Math.log10) }],
  oneMinusSquare: [
    { operands: [float([5], -2, 2)], build: (x) => oneMinusSquare(x), value: each((x) => 1 - x * x) },
    {
      title: "near 1 and -1",
      operands: [points([1 - 2 ** -20, 2 ** -20 - 1, 1])],
      build: (x) => oneMinusSquare(x),
      value: [2 ** -19 - 2 ** -40, 2 ** -19 - 2 ** -40, 0],
    },
  ],
  log1p: [
    { operands: [float([5], -0.9, 4)], build: (x) => log1p(x), value: each(Math.log1p) },
    { title: "near 0", operands: [points([1e-20, -1e-9])], build: (x) => log1p(x), value: each(Math.log1p) },
  ],
  sqrt: [
    { operands: [float([5], 0.1, 4)], build: (x) => sqrt(x), value: each(Math.sqrt) },
    {
      title: "at the ends",
      operands: [points([0, infinity, -1])],
      order: 0,
      build: (x) => sqrt(x),
      value: [0, infinity, nan],
      gradients: [[infinity, 0, nan]],
    },
  ],
  rsqrt: [{ operands: [float([5], 0.1, 4)], build: (x) => rsqrt(x), value: each((x) => 1 / Math.sqrt(x)) }],
  square: [
    { operands: [float([5])], build: (x) => square(x), value: each((x) => x * x) },
    { operands: [integers([3], [-3, 0, 65536])], build: (x) => square(x), value: [9, 0, 0] },
  ],
  power: [
    { operands: [float([5], 0.1, 2)], build: (x) => power(x, 2.7), value: each((x) => x ** 2.7) },
    { operands: [float([5])], build: (x) => power(x, 5), value: each((x) => x ** 5) },
    { operands: [float([5], 0.2, 2)], build: (x) => power(x, -3.5), value: each((x) => x ** -3.5) },
    {
      title: "0",
      operands: [points([0, 1, nan, -2])],
      build: (x) => power(x, 0),
      value: [1, 1, 1, 1],
      order: 0,
    },
    {
      title: "cube at 0",
      operands: [points([0, -2, 1])],
      order: 0,
      build: (x) => power(x, 3),
      value: [0, -8, 1],
      gradients: [[0, 12, 3]],
    },
    {
      title: "integers",
      operands: [integers([3], [-3, 0, 2])],
      build: (x) => power(x, 3),
      value: [-27, 0, 8],
    },
  ],
  pow: [
    {
      operands: [float([3, 1], 0.2, 2), float([4])],
      build: (a, b) => pow(a, b),
      value: pairwise((a = 0, b = 0) => a ** b),
    },
    {
      title: "literal exponent",
      operands: [float([5], 0.2, 2)],
      build: (x) => pow(x, 1.5),
      value: each((x) => x ** 1.5),
    },
    { title: "literal base", operands: [float([5])], build: (x) => pow(2, x), value: each((x) => 2 ** x) },
    {
      title: "square at 0",
      operands: [points([0, -3])],
      order: 0,
      build: (x) => pow(x, 2),
      value: [0, 9],
      gradients: [[0, -6]],
    },
    {
      title: "tensor exponents at base 0",
      operands: [points([0, 0, 0, 0, 2]), points([2, 1, 0, 3, 3])],
      order: 0,
      build: (a, b) => pow(a, b),
      value: [0, 0, 1, 0, 8],
      gradients: [
        [0, 1, 0, 0, 12],
        [0, 0, 0, 0, 8 * Math.LN2],
      ],
    },
    {
      title: "negative base",
      operands: [points([-2, -2, -0.5]), fixed(points([3, 2, -1]))],
      order: 0,
      build: (a, b) => pow(a, b),
      value: [-8, 4, -2],
      gradients: [[12, -4, -4]],
    },
  ],
  xlogy: [
    {
      operands: [float([3, 1]), float([4], 0.2, 2)],
      build: (a, b) => xlogy(a, b),
      value: pairwise((a = 0, b = 0) => a * Math.log(b)),
    },
    {
      title: "zeros",
      operands: [points([0, 0, 0, 2]), points([0, 3, -1, 1])],
      order: 0,
      build: (a, b) => xlogy(a, b),
      value: [0, 0, 0, 0],
      gradients: [
        [0, Math.log(3), 0, 0],
        [0, 0, 0, 2],
      ],
    },
    {
      title: "NaN",
      operands: [points([0]), points([nan])],
      order: 0,
      build: (a, b) => xlogy(a, b),
      value: [nan],
    },
  ],
  logAddExp: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => logAddExp(a, b),
      value: pairwise((a = 0, b = 0) => Math.log(Math.exp(a) + Math.exp(b))),
    },
    {
      title: "far out",
      operands: [points([1e4, -infinity, -infinity, infinity]), points([1e4, 3, -infinity, 0])],
      order: 0,
      build: (a, b) => logAddExp(a, b),
      value: [1e4 + Math.LN2, 3, -infinity, infinity],
      tolerance: { float32: 1e-3 },
    },
    {
      title: "adjoints far out",
      operands: [points([1e4, -infinity, -infinity]), points([1e4, 3, -infinity])],
      order: 0,
      build: (a, b) => logAddExp(a, b),
      gradients: [
        [0.5, 0, 0],
        [0.5, 1, 0],
      ],
      tolerance: { value: 1e-11, float32: 1e-3 },
    },
  ],
  hypot: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => hypot(a, b),
      value: pairwise(Math.hypot),
    },
    {
      title: "zeros and far out",
      operands: [points([0, 0, 3e30, infinity]), points([0, 2, 4e30, infinity])],
      order: 0,
      build: (a, b) => hypot(a, b),
      value: [0, 2, 5e30, infinity],
    },
    {
      title: "adjoints at 0",
      operands: [points([0, 0]), points([0, 2])],
      order: 0,
      build: (a, b) => hypot(a, b),
      gradients: [
        [0, 0],
        [0, 1],
      ],
    },
  ],
  logit: [
    { operands: [float([5], 0.1, 0.9)], build: (x) => logit(x), value: each((x) => Math.log(x / (1 - x))) },
  ],
  polynomial: [
    {
      operands: [float([5])],
      build: (x) => polynomial(x, [1, -2, 0, 0.5]),
      value: each((x) => 1 - 2 * x + 0.5 * x ** 3),
    },
    { title: "constant", operands: [float([2])], build: (x) => polynomial(x, [3]), value: [3, 3] },
    { title: "nothing", operands: [float([2])], build: (x) => polynomial(x, []), value: [0, 0] },
  ],
} satisfies Cases;
