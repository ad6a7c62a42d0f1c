/** Cases of softmax, statistics, norms and positions of extremes. */

import {
  argMax,
  argMin,
  cosineSimilarity,
  logSoftmax,
  norm,
  normalize,
  prod,
  softmax,
  std,
  variance,
} from "@adjoint/core";
import { type Case, type Cases, float, integers, points } from "./case.js";
import { along, reduced } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const total = (elements: readonly number[]): number => elements.reduce((a, b) => a + b, 0);
const _product = (elements: readonly number[]): number => elements.reduce((a, b) => a * b, 1);
const average = (elements: readonly number[]): number => total(elements) / elements.length;
const squares = (elements: readonly number[]): number => {
  const center = average(elements);
  return total(elements.map((element) => (element - center) ** 2));
};
const logTotal = (elements: readonly number[]): number => Math.log(total(elements.map(Math.exp)));

const _zeros: Case = {
  title: "one zero, two zeros, none",
  operands: [points([2, 0, 3, 0, 0, 5, -1, 2, 4], [3, 3])],
  build: (x) => prod(x, { axes: 1 }),
  value: [0, 0, -8],
};

export const statistics = {
  argMax: [
    {
      operands: [points([1, 5, 5, -infinity, nan, 2], [2, 3])],
      build: (x) => argMax(x, { axis: 1 }),
      value: [1, 1],
    },
    { operands: [float([2, 3, 4])], build: (x) => argMax(x, { axis: 1, keepDims: true }), shape: [2, 1, 4] },
    {
      title: "flattened",
      operands: [integers([2, 2], [1, 7, 9, 9])],
      build: (x) => argMax(x),
      shape: [],
      value: [2],
    },
  ],
  argMin: [
    {
      operands: [points([1, -5, -5, 2, 0, nan], [2, 3])],
      build: (x) => argMin(x, { axis: -1 }),
      value: [1, 2],
    },
  ],
  softmax: [
    {
      operands: [float([3, 4])],
      build: (x) => softmax(x),
      value: along(1, (line) => line.map((x) => Math.exp(x - logTotal(line)))),
    },
    { operands: [float([2, 3, 2])], build: (x) => softmax(x, { axes: [0, 1] }) },
    {
      title: "far out",
      operands: [points([1e4, 1e4, -1e4, 0, -infinity, 5], [3, 2])],
      order: 0,
      build: (x) => softmax(x),
      value: [0.5, 0.5, 0, 1, 0, 1],
      gradients: [[0, 0, 0, 0, 0, 0]],
    },
  ],
  logSoftmax: [
    {
      operands: [float([3, 4])],
      build: (x) => logSoftmax(x, { axes: 0 }),
      value: along(0, (line) => line.map((x) => x - logTotal(line))),
    },
    {
      title: "far out",
      operands: [points([1e4, 0, -1e4, 0], [2, 2])],
      order: 0,
      build: (x) => logSoftmax(x),
      value: [0, -1e4, -1e4, 0],
      gradients: [[-1, 1, 1, -1]],
    },
  ],
  variance: [
    {
      operands: [float([3, 4])],
      build: (x) => variance(x, { axes: 1 }),
      value: reduced([1], (e) => squares(e) / 4),
    },
    {
      operands: [float([3, 4])],
      build: (x) => variance(x, { correction: 1 }),
      value: reduced([0, 1], (e) => squares(e) / 11),
    },
  ],
  std: [
    {
      operands: [float([3, 4])],
      build: (x) => std(x, { axes: 0, correction: 1, keepDims: true }),
      shape: [1, 4],
      value: reduced([0], (e) => Math.sqrt(squares(e) / 2)),
    },
    {
      title: "all equal",
      operands: [points([2, 2, 2])],
      order: 0,
      build: (x) => std(x),
      value: [0],
      gradients: [[0, 0, 0]],
    },
  ],
  norm: [
    {
      operands: [float([3, 4])],
      build: (x) => norm(x, 2, { axes: 1 }),
      value: reduced([1], (e) => Math.hypot(...e)),
    },
    { operands: [float([5])], build: (x) => norm(x, 1), value: reduced([0], (e) => total(e.map(Math.abs))) },
    {
      operands: [float([5])],
      build: (x) => norm(x, 3),
      value: reduced([0], (e) => total(e.map((x) => Math.abs(x) ** 3)) ** (1 / 3)),
    },
    {
      operands: [float([5])],
      build: (x) => norm(x, -1.5),
      value: reduced([0], (e) => total(e.map((x) => Math.abs(x) ** -1.5)) ** (-1 / 1.5)),
    },
    {
      operands: [float([2, 3])],
      build: (x) => norm(x, infinity, { axes: 1 }),
      value: reduced([1], (e) => Math.max(...e.map(Math.abs))),
    },
    {
      operands: [float([2, 3])],
      build: (x) => norm(x, -infinity, { axes: 1, keepDims: true }),
      value: reduced([1], (e) => Math.min(...e.map(Math.abs))),
    },
    {
      title: "count",
      operands: [points([0, 2, -1, 0])],
      order: 0,
      build: (x) => norm(x, 0),
      value: [2],
      gradients: [[0, 0, 0, 0]],
    },
    {
      title: "of nothing but zeros",
      operands: [points([0, 0])],
      order: 0,
      build: (x) => norm(x),
      value: [0],
      gradients: [[0, 0]],
    },
    {
      title: "a zero among others",
      operands: [points([0, 3])],
      order: 0,
      build: (x) => norm(x, 1.5),
      value: [3],
      gradients: [[0, 1]],
      tolerance: { value: 1e-12 },
    },
  ],
  normalize: [
    {
      operands: [float([3, 4])],
      build: (x) => normalize(x),
      value: along(1, (line) => line.map((x) => x / Math.hypot(...line))),
    },
    {
      title: "zeros",
      operands: [points([0, 0, 3, 4], [2, 2])],
      order: 0,
      build: (x) => normalize(x, 2, { epsilon: 0.5 }),
      value: [0, 0, 0.6, 0.8],
      gradients: [[2, 2, 0.032, -0.024]],
    },
  ],
  cosineSimilarity: [
    {
      operands: [float([3, 4]), float([3, 4])],
      build: (a, b) => cosineSimilarity(a, b),
      value: (a, b) =>
        [0, 4, 8].map((start) => {
          const [u, v] = [a.data.slice(start, start + 4), b.data.slice(start, start + 4)];
          return total(u.map((x, i) => x * (v[i] ?? 0))) / (Math.hypot(...u) * Math.hypot(...v));
        }),
    },
  ],
} satisfies Cases;
