/** Cases of reductions. */

import { all, any, logSumExp, max, mean, min, prod, square, sum } from "@adjoint/core";
import { booleans, type Case, type Cases, float, integers, points } from "./case.js";
import { reduced } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const total = (elements: readonly number[]): number => elements.reduce((a, b) => a + b, 0);
const product = (elements: readonly number[]): number => elements.reduce((a, b) => a * b, 1);
const average = (elements: readonly number[]): number => total(elements) / elements.length;
const _squares = (elements: readonly number[]): number => {
  const center = average(elements);
  return total(elements.map((element) => (element - center) ** 2));
};
const logTotal = (elements: readonly number[]): number => Math.log(total(elements.map(Math.exp)));

const zeros: Case = {
  title: "one zero, two zeros, none",
  operands: [points([2, 0, 3, 0, 0, 5, -1, 2, 4], [3, 3])],
  build: (x) => prod(x, { axes: 1 }),
  value: [0, 0, -8],
};

export const reduction = {
  sum: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => sum(square(x)),
      value: reduced([0, 1, 2], (e) => total(e.map((x) => x * x))),
    },
    {
      operands: [float([2, 3, 4])],
      build: (x) => sum(x, { axes: [0, -1] }),
      shape: [3],
      value: reduced([0, 2], total),
    },
    {
      operands: [float([2, 3])],
      build: (x) => sum(x, { axes: 1, keepDims: true }),
      shape: [2, 1],
      value: reduced([1], total),
    },
    { title: "nothing", operands: [float([2, 0])], build: (x) => sum(x, { axes: 1 }), value: [0, 0] },
    { title: "scalar", operands: [float([])], build: (x) => sum(x), value: (x) => x.data },
    {
      title: "integers",
      operands: [integers([3], [2147483647, 1, 5])],
      build: (x) => sum(x),
      value: [-2147483643],
    },
  ],
  mean: [
    { operands: [float([2, 3])], build: (x) => mean(x, { axes: 0 }), value: reduced([0], average) },
    { operands: [float([5])], build: (x) => mean(square(x), { keepDims: true }), shape: [1] },
    { title: "nothing", operands: [float([0])], build: (x) => mean(x), value: [nan], order: 0 },
  ],
  prod: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => prod(x, { axes: [0, 2] }),
      shape: [3],
      value: reduced([0, 2], product),
    },
    {
      operands: [float([4])],
      build: (x) => prod(x, { keepDims: true }),
      shape: [1],
      value: reduced([0], product),
    },
    zeros,
    { ...zeros, title: "all", build: (x) => prod(x), value: [0] },
    { title: "nothing", operands: [float([2, 0])], build: (x) => prod(x, { axes: 1 }), value: [1, 1] },
  ],
  max: [
    {
      operands: [float([3, 4])],
      build: (x) => max(x, { axes: 1, keepDims: true }),
      shape: [3, 1],
      value: reduced([1], (e) => Math.max(...e)),
    },
    {
      title: "ties",
      operands: [points([3, 1, 3, 2, 2, 2], [2, 3])],
      order: 0,
      build: (x) => max(x, { axes: -1 }),
      value: [3, 2],
      gradients: [[0.5, 0, 0.5, 1 / 3, 1 / 3, 1 / 3]],
    },
    { title: "NaN", operands: [points([3, nan])], order: 0, build: (x) => max(x), value: [nan] },
    { title: "nothing", operands: [float([0])], order: 0, build: (x) => max(x), value: [-infinity] },
    { title: "integers", operands: [integers([2, 3], -9, 9)], build: (x) => max(x, { axes: 0 }) },
  ],
  min: [
    {
      operands: [float([3, 4])],
      build: (x) => min(x, { axes: 0 }),
      value: reduced([0], (e) => Math.min(...e)),
    },
    {
      title: "ties",
      operands: [points([1, 1, 3])],
      order: 0,
      build: (x) => min(x),
      value: [1],
      gradients: [[0.5, 0.5, 0]],
    },
    {
      title: "integers over nothing",
      operands: [integers([0], [])],
      build: (x) => min(x),
      value: [2147483647],
    },
  ],
  any: [
    {
      operands: [booleans([2, 3], [0, 1, 0, 0, 0, 0])],
      build: (x) => any(x, { axes: 1 }),
      value: [1, 0],
    },
    { title: "nothing", operands: [booleans([0])], build: (x) => any(x), value: [0] },
  ],
  all: [
    { operands: [booleans([2, 3], [1, 1, 1, 1, 0, 1])], build: (x) => all(x, { axes: 1 }), value: [1, 0] },
    { title: "nothing", operands: [booleans([0])], build: (x) => all(x), value: [1] },
  ],
  logSumExp: [
    {
      title: "an infinite element takes all",
      operands: [points([Number.POSITIVE_INFINITY, 1, 2], [3])],
      build: (x) => logSumExp(x),
      order: 0,
      value: [Number.POSITIVE_INFINITY],
      gradients: [[1, 0, 0]],
    },
    { operands: [float([3, 4])], build: (x) => logSumExp(x, { axes: 1 }), value: reduced([1], logTotal) },
    {
      operands: [float([2, 3, 2])],
      build: (x) => logSumExp(x, { axes: [0, 2], keepDims: true }),
      shape: [1, 3, 1],
    },
    {
      title: "far out",
      operands: [points([1e4, 1e4, -1e4, 0, -infinity, -infinity], [3, 2])],
      order: 0,
      build: (x) => logSumExp(x, { axes: 1 }),
      value: [1e4 + Math.LN2, 0, -infinity],
      gradients: [[0.5, 0.5, 0, 1, 0, 0]],
      tolerance: { value: 1e-11, float32: 1e-3 },
    },
  ],
} satisfies Cases;
