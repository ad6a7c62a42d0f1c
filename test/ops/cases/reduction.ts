/** Cases of reductions, cumulations, softmax and statistics. */

import {
  all,
  any,
  argMax,
  argMin,
  cosineSimilarity,
  cumMax,
  cumMin,
  cumProd,
  cumSum,
  linearScan,
  logCumSumExp,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  norm,
  normalize,
  prod,
  softmax,
  square,
  std,
  sum,
  variance,
} from "@adjoint/core";
import { booleans, type Case, type Cases, float, integers, points } from "./case.js";
import { along, reduced } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const total = (elements: readonly number[]): number => elements.reduce((a, b) => a + b, 0);
const product = (elements: readonly number[]): number => elements.reduce((a, b) => a * b, 1);
const average = (elements: readonly number[]): number => total(elements) / elements.length;
const squares = (elements: readonly number[]): number => {
  const center = average(elements);
  return total(elements.map((element) => (element - center) ** 2));
};
const logTotal = (elements: readonly number[]): number => Math.log(total(elements.map(Math.exp)));

function running(f: (elements: number[]) => number): (line: number[]) => number[] {
  return (line) => line.map((_, i) => f(line.slice(0, i + 1)));
}

/** The result of a cumulation from the end. */
function backwards(f: (line: number[]) => number[]): (line: number[]) => number[] {
  return (line) => f([...line].reverse()).reverse();
}

const zeros: Case = {
  title: "one zero, two zeros, none",
  operands: [points([2, 0, 3, 0, 0, 5, -1, 2, 4], [3, 3])],
  build: (x) => prod(x, { axes: 1 }),
  value: [0, 0, -8],
};

export const reduction = {
  sum: [
    { operands: [float([2, 3, 4])], build: (x) => sum(square(x)), value: reduced([0, 1, 2], (e) => total(e.map((x) => x * x))) },
    { operands: [float([2, 3, 4])], build: (x) => sum(x, { axes: [0, -1] }), shape: [3], value: reduced([0, 2], total) },
    {
      operands: [float([2, 3])],
      build: (x) => sum(x, { axes: 1, keepDims: true }),
      shape: [2, 1],
      value: reduced([1], total),
    },
    { title: "nothing", operands: [float([2, 0])], build: (x) => sum(x, { axes: 1 }), value: [0, 0] },
    { title: "scalar", operands: [float([])], build: (x) => sum(x), value: (x) => x.data },
    { title: "integers", operands: [integers([3], [2147483647, 1, 5])], build: (x) => sum(x), value: [-2147483643] },
  ],
  mean: [
    { operands: [float([2, 3])], build: (x) => mean(x, { axes: 0 }), value: reduced([0], average) },
    { operands: [float([5])], build: (x) => mean(square(x), { keepDims: true }), shape: [1] },
    { title: "nothing", operands: [float([0])], build: (x) => mean(x), value: [nan], order: 0 },
  ],
  prod: [
    { operands: [float([2, 3, 4])], build: (x) => prod(x, { axes: [0, 2] }), shape: [3], value: reduced([0, 2], product) },
    { operands: [float([4])], build: (x) => prod(x, { keepDims: true }), shape: [1], value: reduced([0], product) },
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
    { operands: [float([3, 4])], build: (x) => min(x, { axes: 0 }), value: reduced([0], (e) => Math.min(...e)) },
    {
      title: "ties",
      operands: [points([1, 1, 3])],
      order: 0,
      build: (x) => min(x),
      value: [1],
      gradients: [[0.5, 0.5, 0]],
    },
    { title: "integers over nothing", operands: [integers([0], [])], build: (x) => min(x), value: [2147483647] },
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
  argMax: [
    {
      operands: [points([1, 5, 5, -infinity, nan, 2], [2, 3])],
      build: (x) => argMax(x, { axis: 1 }),
      value: [1, 1],
    },
    { operands: [float([2, 3, 4])], build: (x) => argMax(x, { axis: 1, keepDims: true }), shape: [2, 1, 4] },
    { title: "flattened", operands: [integers([2, 2], [1, 7, 9, 9])], build: (x) => argMax(x), shape: [], value: [2] },
  ],
  argMin: [
    { operands: [points([1, -5, -5, 2, 0, nan], [2, 3])], build: (x) => argMin(x, { axis: -1 }), value: [1, 2] },
  ],
  logSumExp: [
    { operands: [float([3, 4])], build: (x) => logSumExp(x, { axes: 1 }), value: reduced([1], logTotal) },
    { operands: [float([2, 3, 2])], build: (x) => logSumExp(x, { axes: [0, 2], keepDims: true }), shape: [1, 3, 1] },
    {
      title: "far out",
      operands: [points([1e4, 1e4, -1e4, 0, -infinity, -infinity], [3, 2])],
      order: 0,
      build: (x) => logSumExp(x, { axes: 1 }),
      value: [1e4 + Math.LN2, 0, -infinity],
      gradients: [[0.5, 0.5, 0, 1, 0, 0]],
      tolerance: { value: 1e-11 },
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
  cumSum: [
    { operands: [float([2, 3, 2])], build: (x) => cumSum(square(x), { axis: 1 }), value: along(1, (line) => running(total)(line.map((x) => x * x))) },
    {
      title: "exclusive from the end",
      operands: [float([5])],
      build: (x) => cumSum(x, { exclusive: true, reverse: true }),
      value: along(0, (line) => line.map((_, i) => total(line.slice(i + 1)))),
    },
    { title: "integers", operands: [integers([4], -5, 5)], build: (x) => cumSum(x), value: along(0, running(total)) },
    { title: "nothing", operands: [float([2, 0])], build: (x) => cumSum(x), value: [] },
    { title: "one", operands: [float([2, 1])], build: (x) => cumSum(x), value: (x) => x.data },
  ],
  cumProd: [
    { operands: [float([2, 4, 2])], build: (x) => cumProd(x, { axis: 1 }), value: along(1, running(product)) },
    {
      title: "zeros",
      operands: [points([2, 0, 3, 0, 5, 1, 2, 0, 4, -1], [2, 5])],
      build: (x) => cumProd(x),
      value: along(1, running(product)),
    },
    {
      title: "exclusive from the end",
      operands: [points([2, 0, 3, -1.5])],
      build: (x) => cumProd(x, { exclusive: true, reverse: true }),
      value: [0, -4.5, -1.5, 1],
    },
  ],
  cumMax: [
    {
      operands: [float([2, 6])],
      build: (x) => cumMax(x),
      value: along(1, running((e) => Math.max(...e))),
    },
    {
      title: "from the end, other axis",
      operands: [float([5, 2])],
      build: (x) => cumMax(square(x), { axis: 0, reverse: true }),
      value: along(0, (line) => backwards(running((e) => Math.max(...e)))(line.map((x) => x * x))),
    },
    {
      title: "ties",
      operands: [points([1, 3, 2, 3, 0])],
      order: 0,
      build: (x) => cumMax(x),
      value: [1, 3, 3, 3, 3],
      gradients: [[1, 2, 0, 2, 0]],
    },
    { title: "exclusive", operands: [float([4], 0.5, 2)], build: (x) => cumMax(x, { exclusive: true }), order: 0, value: along(0, (line) => line.map((_, i) => Math.max(...line.slice(0, i)))) },
  ],
  cumMin: [
    { operands: [float([2, 6])], build: (x) => cumMin(x), value: along(1, running((e) => Math.min(...e))) },
    { operands: [integers([4], -5, 5)], build: (x) => cumMin(x, { reverse: true }) },
  ],
  linearScan: [
    {
      operands: [float([2, 4]), float([2, 4])],
      build: (a, b) => linearScan(a, b),
      value: (a, b) =>
        [0, 1].flatMap((line) => {
          let y = 0;
          return [0, 1, 2, 3].map((i) => {
            y = (a.data[4 * line + i] ?? 0) * y + (b.data[4 * line + i] ?? 0);
            return y;
          });
        }),
    },
    { title: "from the end, broadcast", operands: [float([1]), float([3, 2])], build: (a, b) => linearScan(a, b, { axis: 0, reverse: true }) },
    { title: "one element", operands: [float([2, 1]), float([1])], build: (a, b) => linearScan(a, b) },
  ],
  logCumSumExp: [
    { operands: [float([3, 4])], build: (x) => logCumSumExp(x), value: along(1, running(logTotal)) },
    { operands: [float([4, 2])], build: (x) => logCumSumExp(x, { axis: 0, reverse: true }), value: along(0, backwards(running(logTotal))) },
    {
      title: "far out",
      operands: [points([-infinity, -1e4, 0, 1e4, 1e4])],
      order: 0,
      build: (x) => logCumSumExp(x),
      value: [-infinity, -1e4, 0, 1e4, 1e4 + Math.LN2],
      gradients: [[0, 1, 1, 1.5, 0.5]],
      tolerance: { value: 1e-11 },
    },
  ],
  variance: [
    { operands: [float([3, 4])], build: (x) => variance(x, { axes: 1 }), value: reduced([1], (e) => squares(e) / 4) },
    { operands: [float([3, 4])], build: (x) => variance(x, { correction: 1 }), value: reduced([0, 1], (e) => squares(e) / 11) },
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
    { operands: [float([3, 4])], build: (x) => norm(x, 2, { axes: 1 }), value: reduced([1], (e) => Math.hypot(...e)) },
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
    { title: "count", operands: [points([0, 2, -1, 0])], order: 0, build: (x) => norm(x, 0), value: [2], gradients: [[0, 0, 0, 0]] },
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
