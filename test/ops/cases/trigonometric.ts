/** Cases of trigonometric and hyperbolic functions and their inverses. */

import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  type Node,
  sin,
  sinc,
  sinh,
  tan,
  tanh,
} from "@adjoint/core";
import { type Case, type Cases, float, points } from "./case.js";
import { each, pairwise } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

function unary(build: (x: Node) => Node, value: (x: number) => number, low = -2, high = 2): Case {
  return { operands: [float([2, 3], low, high)], build, value: each(value) };
}

export const trigonometric = {
  sin: [unary(sin, Math.sin, -5, 5)],
  cos: [unary(cos, Math.cos, -5, 5)],
  tan: [unary(tan, Math.tan, -1.3, 1.3)],
  asin: [
    unary(asin, Math.asin, -0.9, 0.9),
    {
      title: "at the ends",
      operands: [points([1, -1, 0, 1.1])],
      order: 0,
      build: (x) => asin(x),
      value: [Math.PI / 2, -Math.PI / 2, 0, nan],
      gradients: [[infinity, infinity, 1, nan]],
    },
  ],
  acos: [
    unary(acos, Math.acos, -0.9, 0.9),
    {
      title: "at the ends",
      operands: [points([1, -1, 0, 1.1])],
      order: 0,
      build: (x) => acos(x),
      value: [0, Math.PI, Math.PI / 2, nan],
    },
  ],
  atan: [
    unary(atan, Math.atan, -5, 5),
    {
      title: "far out",
      operands: [points([1e15, -1e30, 0])],
      order: 0,
      build: (x) => atan(x),
      value: [Math.PI / 2, -Math.PI / 2, 0],
      gradients: [[0, 0, 1]],
    },
  ],
  atan2: [
    {
      operands: [float([3, 1], 0.2, 2), float([4])],
      build: (a, b) => atan2(a, b),
      value: pairwise(Math.atan2),
    },
    {
      title: "axes and origin",
      operands: [points([0, 0, 1, -1, -0]), points([0, -1, 0, 0, -1])],
      order: 0,
      build: (a, b) => atan2(a, b),
      value: [0, Math.PI, Math.PI / 2, -Math.PI / 2, -Math.PI],
      gradients: [
        [0, -1, 0, 0, -1],
        [0, 0, -1, 1, 0],
      ],
    },
    {
      title: "tiny",
      operands: [points([3e-30]), points([4e-30])],
      order: 0,
      build: (a, b) => atan2(a, b),
      value: [Math.atan2(3, 4)],
    },
  ],
  sinh: [
    unary(sinh, Math.sinh, -3, 3),
    {
      title: "near 0 and far out",
      operands: [points([1e-10, -0, 25, -1e4])],
      order: 0,
      build: (x) => sinh(x),
      value: each(Math.sinh),
      gradients: [[1, 1, Math.cosh(25), infinity]],
      tolerance: { value: 1e-14 },
    },
  ],
  cosh: [
    unary(cosh, Math.cosh, -3, 3),
    {
      title: "far out",
      operands: [points([25, -1e4])],
      order: 0,
      build: (x) => cosh(x),
      value: each(Math.cosh),
    },
  ],
  tanh: [
    unary(tanh, Math.tanh),
    {
      title: "far out",
      operands: [points([1e4, -infinity, 0])],
      order: 0,
      build: (x) => tanh(x),
      value: [1, -1, 0],
      gradients: [[0, 0, 1]],
    },
  ],
  asinh: [
    unary(asinh, Math.asinh, -4, 4),
    {
      title: "near 0 and far out",
      operands: [points([1e-10, 1e30, -1e12])],
      order: 0,
      build: (x) => asinh(x),
      value: each(Math.asinh),
      gradients: [[1, 1e-30, 1e-12]],
    },
  ],
  acosh: [
    unary(acosh, Math.acosh, 1.2, 5),
    {
      title: "near 1 and far out",
      operands: [points([1, 1 + 2 ** -40, 1e30, 0.5, -2, infinity, -16777216, -1e38])],
      order: 0,
      build: (x) => acosh(x),
      value: [0, 1.3486991523485068e-6, 69.77069997038132, nan, nan, infinity, nan, nan],
    },
  ],
  atanh: [
    unary(atanh, Math.atanh, -0.9, 0.9),
    {
      title: "near 0 and at the ends",
      operands: [points([1e-10, 1, -1, 1.5])],
      order: 0,
      build: (x) => atanh(x),
      value: [1e-10, infinity, -infinity, nan],
    },
  ],
  sinc: [
    unary(sinc, (x) => Math.sin(Math.PI * x) / (Math.PI * x), -3, 3),
    {
      title: "around 0",
      operands: [points([0, 1e-4, -0.02, 0.3])],
      build: (x) => sinc(x),
      value: each((x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))),
    },
  ],
} satisfies Cases;
