/** Cases of cumulations and recurrences. */

import { cumMax, cumMin, cumProd, cumSum, linearScan, logCumSumExp, prod, square } from "@adjoint/core";
import { type Case, type Cases, float, integers, points } from "./case.js";
import { along } from "./expect.js";

const { POSITIVE_INFINITY: infinity } = Number;

const total = (elements: readonly number[]): number => elements.reduce((a, b) => a + b, 0);
const product = (elements: readonly number[]): number => elements.reduce((a, b) => a * b, 1);
const average = (elements: readonly number[]): number => total(elements) / elements.length;
const _squares = (elements: readonly number[]): number => {
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

const _zeros: Case = {
  title: "one zero, two zeros, none",
  operands: [points([2, 0, 3, 0, 0, 5, -1, 2, 4], [3, 3])],
  build: (x) => prod(x, { axes: 1 }),
  value: [0, 0, -8],
};

export const cumulative = {
  cumSum: [
    {
      operands: [float([2, 3, 2])],
      build: (x) => cumSum(square(x), { axis: 1 }),
      value: along(1, (line) => running(total)(line.map((x) => x * x))),
    },
    {
      title: "exclusive from the end",
      operands: [float([5])],
      build: (x) => cumSum(x, { exclusive: true, reverse: true }),
      value: along(0, (line) => line.map((_, i) => total(line.slice(i + 1)))),
    },
    {
      title: "integers",
      operands: [integers([4], -5, 5)],
      build: (x) => cumSum(x),
      value: along(0, running(total)),
    },
    { title: "nothing", operands: [float([2, 0])], build: (x) => cumSum(x), value: [] },
    { title: "one", operands: [float([2, 1])], build: (x) => cumSum(x), value: (x) => x.data },
  ],
  cumProd: [
    {
      operands: [float([2, 4, 2])],
      build: (x) => cumProd(x, { axis: 1 }),
      value: along(1, running(product)),
    },
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
      value: along(
        1,
        running((e) => Math.max(...e)),
      ),
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
    {
      title: "exclusive",
      operands: [float([4], 0.5, 2)],
      build: (x) => cumMax(x, { exclusive: true }),
      order: 0,
      value: along(0, (line) => line.map((_, i) => Math.max(...line.slice(0, i)))),
    },
  ],
  cumMin: [
    {
      operands: [float([2, 6])],
      build: (x) => cumMin(x),
      value: along(
        1,
        running((e) => Math.min(...e)),
      ),
    },
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
    {
      title: "from the end, broadcast",
      operands: [float([1]), float([3, 2])],
      build: (a, b) => linearScan(a, b, { axis: 0, reverse: true }),
    },
    { title: "one element", operands: [float([2, 1]), float([1])], build: (a, b) => linearScan(a, b) },
  ],
  logCumSumExp: [
    { operands: [float([3, 4])], build: (x) => logCumSumExp(x), value: along(1, running(logTotal)) },
    {
      operands: [float([4, 2])],
      build: (x) => logCumSumExp(x, { axis: 0, reverse: true }),
      value: along(0, backwards(running(logTotal))),
    },
    {
      title: "far out",
      operands: [points([-infinity, -1e4, 0, 1e4, 1e4])],
      order: 0,
      build: (x) => logCumSumExp(x),
      value: [-infinity, -1e4, 0, 1e4, 1e4 + Math.LN2],
      gradients: [[0, 1, 1, 1.5, 0.5]],
      tolerance: { value: 1e-11, float32: 1e-3 },
    },
    {
      title: "infinities and what is no number",
      operands: [points([-infinity, -2000, 3, infinity, -1, Number.NaN, 2], [7])],
      order: 0,
      build: (x) => logCumSumExp(x),
      value: [-infinity, -2000, 3, infinity, infinity, Number.NaN, Number.NaN],
    },
  ],
} satisfies Cases;
