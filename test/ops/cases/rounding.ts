/** Cases of magnitude, sign, rounding and remainders. */

import { abs, ceil, floor, fmod, mod, round, sign, trunc } from "@adjoint/core";
import { type Cases, float, integers, points } from "./case.js";
import { each, pairwise } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const halves = [points([-2.5, -1.5, -0.5, -0, 0.5, 1.5, 2.5, 3.2, -3.7, infinity])];
const none = [new Array<number>(10).fill(0)];

export const rounding = {
  abs: [
    { operands: [float([5])], build: (x) => abs(x), value: each(Math.abs) },
    {
      title: "special",
      operands: [points([0, -0, -infinity])],
      order: 0,
      build: (x) => abs(x),
      value: [0, 0, infinity],
      gradients: [[0, 0, -1]],
    },
    { operands: [integers([3], [-3, 0, 5])], build: (x) => abs(x), value: [3, 0, 5] },
    { operands: [integers([2], [0, 0xffffffff], 0, "uint32")], build: (x) => abs(x), value: [0, 0xffffffff] },
  ],
  sign: [
    {
      operands: [points([-3, 0, -0, 2, nan, -infinity])],
      order: 0,
      build: (x) => sign(x),
      value: [-1, 0, 0, 1, nan, -1],
      gradients: [[0, 0, 0, 0, 0, 0]],
    },
    { operands: [integers([3], [-3, 0, 5])], build: (x) => sign(x), value: [-1, 0, 1] },
    { operands: [integers([2], [0, 0xffffffff], 0, "uint32")], build: (x) => sign(x), value: [0, 1] },
  ],
  floor: [
    {
      operands: halves,
      order: 0,
      build: (x) => floor(x),
      value: each(Math.floor),
      gradients: none,
    },
  ],
  ceil: [{ operands: halves, order: 0, build: (x) => ceil(x), value: each(Math.ceil), gradients: none }],
  trunc: [{ operands: halves, order: 0, build: (x) => trunc(x), value: each(Math.trunc), gradients: none }],
  round: [
    {
      operands: halves,
      order: 0,
      build: (x) => round(x),
      value: [-2, -2, 0, 0, 0, 2, 2, 3, -4, infinity],
      gradients: none,
    },
  ],
  mod: [
    {
      operands: [float([3, 1], -5, 5), float([4], 0.5, 2)],
      build: (a, b) => mod(a, b),
      value: pairwise((a = 0, b = 0) => a - b * Math.floor(a / b)),
    },
    { operands: [float([3, 1], -5, 5), float([4], -2, -0.5)], build: (a, b) => mod(a, b) },
    {
      title: "integers",
      operands: [integers([5], [7, -7, 7, -7, 3]), integers([5], [3, 3, -3, -3, 0])],
      build: (a, b) => mod(a, b),
      value: [1, 2, -2, -1, 0],
    },
  ],
  fmod: [
    {
      operands: [float([3, 1], -5, 5), float([4], 0.5, 2)],
      build: (a, b) => fmod(a, b),
      value: pairwise((a = 0, b = 0) => a - b * Math.trunc(a / b)),
    },
    {
      title: "integers",
      operands: [integers([5], [7, -7, 7, -7, 3]), integers([5], [3, 3, -3, -3, 0])],
      build: (a, b) => fmod(a, b),
      value: [1, -1, 1, -1, 0],
    },
  ],
} satisfies Cases;
