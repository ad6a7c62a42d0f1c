/** Cases of slices, padding, windows and diagonals. */

import {
  diag,
  diagEmbed,
  diagonal,
  mul,
  overlapAdd,
  pad,
  reverse,
  slice,
  sliceAxis,
  square,
  trace,
  tril,
  triu,
  windows,
} from "@adjoint/core";
import { booleans, type Case, type Cases, float } from "./case.js";
import { at, indices, moved } from "./expect.js";

/** Movement of a square, so that second derivatives are not zero everywhere. */
const squared = (item: Case): Case => ({
  title: "of a square",
  operands: item.operands,
  build: (...operands) => item.build(...operands.map((operand) => square(operand))),
});

const sliced: Case = {
  operands: [float([4, 5])],
  build: (x) =>
    slice(x, [
      [1, 3],
      [undefined, undefined, 2],
    ]),
  shape: [2, 3],
  value: moved([2, 3], ([i = 0, j = 0]) => [i + 1, 2 * j]),
};

const padded: Case = {
  operands: [float([2, 3])],
  build: (x) =>
    pad(
      x,
      [
        [1, 0],
        [2, 1],
      ],
      { value: 7 },
    ),
  shape: [3, 6],
  value: moved([3, 6], ([i = 0, j = 0]) => (i >= 1 && j >= 2 && j < 5 ? [i - 1, j - 2] : undefined), 7),
};

const overlapping: Case = {
  operands: [float([2, 7])],
  build: (x) => windows(x, [3], { strides: [2], dilations: [1] }),
  shape: [2, 3, 3],
  value: moved([2, 3, 3], ([i = 0, p = 0, w = 0]) => [i, 2 * p + w]),
};

export const view = {
  slice: [
    sliced,
    squared(sliced),
    {
      title: "negative steps and positions",
      operands: [float([5, 4])],
      build: (x) =>
        slice(x, [
          [-1, 0, -2],
          [-3, -1],
        ]),
      shape: [2, 2],
      value: moved([2, 2], ([i = 0, j = 0]) => [4 - 2 * i, j + 1]),
    },
    {
      title: "reversed whole",
      operands: [float([5])],
      build: (x) => slice(x, [[undefined, undefined, -1]]),
      value: (x) => [...x.data].reverse(),
    },
    {
      title: "past the ends",
      operands: [float([3])],
      build: (x) => slice(x, [[-9, 9]]),
      value: (x) => x.data,
    },
    { title: "empty", operands: [float([3, 2])], build: (x) => slice(x, [[2, 1]]), shape: [0, 2], value: [] },
    {
      title: "of nothing",
      operands: [float([0, 2])],
      build: (x) => slice(x, [[0, 5, 2]]),
      shape: [0, 2],
      value: [],
    },
  ],
  sliceAxis: [
    {
      operands: [float([2, 5, 3])],
      build: (x) => sliceAxis(square(x), 1, 1, -1),
      shape: [2, 3, 3],
      value: (x) => indices([2, 3, 3]).map(([i = 0, j = 0, k = 0]) => at(x, [i, j + 1, k]) ** 2),
    },
  ],
  reverse: [
    {
      operands: [float([2, 3])],
      build: (x) => reverse(x, 1),
      value: moved([2, 3], ([i = 0, j = 0]) => [i, 2 - j]),
    },
    {
      operands: [float([2, 3])],
      build: (x) => reverse(square(x)),
      value: (x) => x.data.map((e) => e * e).reverse(),
    },
  ],
  pad: [
    padded,
    squared(padded),
    {
      title: "interior",
      operands: [float([3])],
      build: (x) => pad(x, [1, 2], { interior: [2] }),
      shape: [10],
      value: moved([10], ([i = 0]) => ((i - 1) % 3 === 0 && i >= 1 && i <= 7 ? [(i - 1) / 3] : undefined)),
    },
    {
      title: "negative widths",
      operands: [float([5])],
      build: (x) => pad(square(x), [-1, 2]),
      shape: [6],
      value: (x) => [...x.data.slice(1).map((element) => element ** 2), 0, 0],
    },
    {
      title: "nothing",
      operands: [float([0])],
      build: (x) => pad(x, [1, 1], { interior: [3] }),
      value: [0, 0],
    },
    {
      title: "reflect",
      operands: [float([3])],
      build: (x) => pad(x, [5, 3], { mode: "reflect" }),
      value: (x) => [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1].map((i) => x.data[i] ?? 0),
    },
    {
      title: "symmetric",
      operands: [float([3])],
      build: (x) => pad(x, [4, 2], { mode: "symmetric" }),
      value: (x) => [2, 2, 1, 0, 0, 1, 2, 2, 1].map((i) => x.data[i] ?? 0),
    },
    {
      title: "edge",
      operands: [float([2, 3])],
      build: (x) =>
        pad(
          square(x),
          [
            [1, 0],
            [0, 2],
          ],
          { mode: "edge" },
        ),
      shape: [3, 5],
      value: (x) => indices([3, 5]).map(([i = 0, j = 0]) => at(x, [Math.max(0, i - 1), Math.min(2, j)]) ** 2),
    },
    {
      title: "wrap",
      operands: [float([3])],
      build: (x) => pad(square(x), [4, 2], { mode: "wrap" }),
      value: (x) => [2, 0, 1, 2, 0, 1, 2, 0, 1].map((i) => (x.data[i] ?? 0) ** 2),
    },
    { title: "bool", operands: [booleans([2], [1, 1])], build: (x) => pad(x, [1, 0]), value: [0, 1, 1] },
  ],
  triu: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => triu(square(x), 1),
      value: (x) =>
        indices([2, 3, 4]).map(([i = 0, j = 0, k = 0]) => (k >= j + 1 ? at(x, [i, j, k]) ** 2 : 0)),
    },
  ],
  tril: [
    {
      operands: [float([3, 4])],
      build: (x) => tril(square(x), -1),
      value: (x) => indices([3, 4]).map(([i = 0, j = 0]) => (j <= i - 1 ? at(x, [i, j]) ** 2 : 0)),
    },
  ],
  diagonal: [
    {
      operands: [float([3, 4])],
      build: (x) => diagonal(square(x)),
      shape: [3],
      value: (x) => [0, 1, 2].map((i) => at(x, [i, i]) ** 2),
    },
    {
      title: "offset and axes",
      operands: [float([3, 2, 4])],
      build: (x) => diagonal(x, { offset: -1, axes: [2, 0] }),
      shape: [2, 3],
      value: (x) => indices([2, 3]).map(([i = 0, j = 0]) => at(x, [j, i, j + 1])),
    },
    {
      title: "outside",
      operands: [float([2, 2])],
      build: (x) => diagonal(x, { offset: 5 }),
      shape: [0],
      value: [],
    },
  ],
  diagEmbed: [
    {
      operands: [float([2, 3])],
      build: (x) => diagEmbed(square(x), { offset: 1 }),
      shape: [2, 4, 4],
      value: (x) => indices([2, 4, 4]).map(([i = 0, j = 0, k = 0]) => (k === j + 1 ? at(x, [i, j]) ** 2 : 0)),
    },
    {
      title: "rectangular, other axes",
      operands: [float([2, 3])],
      build: (x) => diagEmbed(x, { offset: -1, axes: [2, 0], extents: [5, 3] }),
      shape: [3, 2, 5],
      value: (x) =>
        indices([3, 2, 5]).map(([column = 0, i = 0, row = 0]) =>
          row === column + 1 ? at(x, [i, column]) : 0,
        ),
    },
  ],
  diag: [
    {
      operands: [float([2])],
      build: (x) => diag(x, -1),
      shape: [3, 3],
      value: (x) => [0, 0, 0, x.data[0] ?? 0, 0, 0, 0, x.data[1] ?? 0, 0],
    },
    { operands: [float([2, 3])], build: (x) => diag(square(x), 1), shape: [2] },
  ],
  trace: [
    {
      operands: [float([3, 4])],
      build: (x) => trace(mul(x, x)),
      shape: [],
      value: (x) => [[0, 1, 2].reduce((total, i) => total + at(x, [i, i]) ** 2, 0)],
    },
  ],
  windows: [
    overlapping,
    squared(overlapping),
    {
      title: "two axes, dilated",
      operands: [float([5, 2, 6])],
      build: (x) => windows(square(x), [2, 2], { axes: [0, 2], strides: [1, 3], dilations: [2, 1] }),
      shape: [3, 2, 2, 2, 2],
      value: (x) =>
        indices([3, 2, 2, 2, 2]).map(
          ([i = 0, j = 0, k = 0, a = 0, b = 0]) => at(x, [i + 2 * a, j, 3 * k + b]) ** 2,
        ),
    },
    { title: "none fits", operands: [float([2])], build: (x) => windows(x, [3]), shape: [0, 3], value: [] },
  ],
  overlapAdd: [
    {
      title: "strided",
      operands: [float([2, 3, 3])],
      build: (x) => overlapAdd(square(x), [7], { strides: [2] }),
      shape: [2, 7],
      value: (x) => {
        const result = new Array<number>(14).fill(0);
        for (const [i = 0, p = 0, w = 0] of indices(x.shape)) {
          const position = 7 * i + 2 * p + w;
          result[position] = (result[position] ?? 0) + at(x, [i, p, w]) ** 2;
        }
        return result;
      },
    },
    {
      title: "apart and stride 1 with dilation",
      operands: [float([2, 3, 2, 2])],
      build: (x) => overlapAdd(square(x), [6, 5], { strides: [3, 1], dilations: [1, 2] }),
      shape: [6, 5],
      value: (x) => {
        const result = new Array<number>(30).fill(0);
        for (const [p = 0, q = 0, a = 0, b = 0] of indices(x.shape)) {
          const position = 5 * (3 * p + a) + q + 2 * b;
          result[position] = (result[position] ?? 0) + at(x, [p, q, a, b]) ** 2;
        }
        return result;
      },
    },
  ],
} satisfies Cases;
