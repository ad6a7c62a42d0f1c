/** Cases of ops and compositions that move whole axes and tensors. */

import {
  add,
  after,
  broadcastTo,
  chunk,
  concat,
  copy,
  expandDims,
  flatten,
  meshgrid,
  moveaxis,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  repeat,
  reshape,
  roll,
  rot90,
  split,
  square,
  squeeze,
  stack,
  stopGradient,
  sum,
  sumTo,
  swapaxes,
  tile,
  transpose,
  unflatten,
  unstack,
} from "@adjoint/core";
import { type Case, type Cases, float, integers, points } from "./case.js";
import { at, groups, indices, moved } from "./expect.js";

/** Movement of a square, so that second derivatives are not zero everywhere. */
const squared = (item: Case): Case => ({
  title: "of a square",
  operands: item.operands,
  build: (...operands) => item.build(...operands.map((operand) => square(operand))),
});

const joined: Case = {
  operands: [float([2, 1, 2]), float([2, 3, 2]), float([2, 0, 2])],
  build: (a, b, c) => concat([a, b, c], 1),
  shape: [2, 4, 2],
  value: (a, b) =>
    indices([2, 4, 2]).map(([i = 0, j = 0, k = 0]) => (j < 1 ? at(a, [i, j, k]) : at(b, [i, j - 1, k]))),
};

export const movement = {
  copy: [
    { operands: [float([2, 3])], build: (x) => copy(square(x)), value: (x) => x.data.map((e) => e * e) },
  ],
  after: [
    {
      operands: [float([2, 3]), float([4])],
      build: (x, y) => add(sum(y), after(square(x), [square(y), sum(y)])),
      value: (x, y) => x.data.map((e) => e * e + y.data.reduce((total, next) => total + next, 0)),
    },
    { operands: [float([0, 3]), float([])], build: (x, y) => after(square(x), [y]), value: () => [] },
  ],
  stopGradient: [
    {
      operands: [points([1, -2])],
      order: 0,
      build: (x) => mul(stopGradient(x), x),
      value: [1, 4],
      gradients: [[1, -2]],
    },
  ],
  transpose: [
    {
      operands: [float([2, 3])],
      build: (x) => transpose(x),
      shape: [3, 2],
      value: moved([3, 2], ([i = 0, j = 0]) => [j, i]),
    },
    {
      operands: [float([2, 3, 4])],
      build: (x) => transpose(square(x), [2, 0, -2]),
      shape: [4, 2, 3],
    },
    { title: "empty", operands: [float([0, 3])], build: (x) => transpose(x), shape: [3, 0], value: [] },
  ],
  reshape: [
    { operands: [float([2, 3])], build: (x) => reshape(x, [3, -1]), shape: [3, 2], value: (x) => x.data },
    { operands: [float([4])], build: (x) => reshape(square(x), [2, 1, 2]), shape: [2, 1, 2] },
  ],
  expandDims: [
    {
      operands: [float([2, 3])],
      build: (x) => expandDims(x, [0, -1]),
      shape: [1, 2, 3, 1],
      value: (x) => x.data,
    },
  ],
  squeeze: [
    { operands: [float([1, 2, 1, 3])], build: (x) => squeeze(x), shape: [2, 3], value: (x) => x.data },
    { operands: [float([1, 2, 1])], build: (x) => squeeze(x, -1), shape: [1, 2] },
  ],
  flatten: [
    { operands: [float([2, 3, 4])], build: (x) => flatten(x), shape: [24], value: (x) => x.data },
    { operands: [float([2, 3, 4])], build: (x) => flatten(x, 1), shape: [2, 12] },
    { title: "scalar", operands: [float([])], build: (x) => flatten(x), shape: [1] },
  ],
  unflatten: [
    {
      operands: [float([2, 12])],
      build: (x) => unflatten(x, 1, [3, -1]),
      shape: [2, 3, 4],
      value: (x) => x.data,
    },
  ],
  moveaxis: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => moveaxis(x, 0, -1),
      shape: [3, 4, 2],
      value: moved([3, 4, 2], ([i = 0, j = 0, k = 0]) => [k, i, j]),
    },
    {
      operands: [float([2, 3, 4])],
      build: (x) => moveaxis(x, [0, 2], [1, 0]),
      shape: [4, 2, 3],
      value: moved([4, 2, 3], ([i = 0, j = 0, k = 0]) => [j, k, i]),
    },
  ],
  swapaxes: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => swapaxes(x, 0, -1),
      shape: [4, 3, 2],
      value: moved([4, 3, 2], ([i = 0, j = 0, k = 0]) => [k, j, i]),
    },
  ],
  broadcastTo: [
    {
      operands: [float([3, 1])],
      build: (x) => broadcastTo(square(x), [2, 3, 4]),
      shape: [2, 3, 4],
      value: (x) => indices([2, 3, 4]).map(([, j = 0]) => (x.data[j] ?? 0) ** 2),
    },
  ],
  sumTo: [
    {
      operands: [float([2, 3, 4])],
      build: (x) => sumTo(square(x), [3, 1]),
      shape: [3, 1],
      value: (x) =>
        groups(x, [0, 2]).map((group) => group.reduce((total, element) => total + element ** 2, 0)),
    },
  ],
  concat: [
    joined,
    squared(joined),
    {
      title: "twice the same",
      operands: [float([2, 2])],
      build: (x) => concat([x, square(x), x]),
      shape: [6, 2],
      value: (x) => [...x.data, ...x.data.map((element) => element ** 2), ...x.data],
    },
    {
      title: "integers",
      operands: [integers([2], [1, 2]), integers([1], [3])],
      build: (a, b) => concat([a, b], -1),
      value: [1, 2, 3],
    },
  ],
  stack: [
    {
      operands: [float([2, 2]), float([2, 2])],
      build: (a, b) => stack([square(a), b], -1),
      shape: [2, 2, 2],
      value: (a, b) => a.data.flatMap((element, i) => [element ** 2, b.data[i] ?? 0]),
    },
  ],
  split: [
    {
      operands: [float([2, 4])],
      build: (x) => split(square(x), 2, 1),
      value: (x) => [
        moved([2, 2], ([i = 0, j = 0]) => [i, j])(x).map((e) => e * e),
        moved([2, 2], ([i = 0, j = 0]) => [i, j + 2])(x).map((e) => e * e),
      ],
    },
    {
      title: "sizes",
      operands: [float([5])],
      build: (x) => split(x, [1, 0, 4]),
      value: (x) => [x.data.slice(0, 1), [], x.data.slice(1)],
    },
  ],
  chunk: [
    {
      operands: [float([7])],
      build: (x) => chunk(x, 3),
      value: (x) => [x.data.slice(0, 3), x.data.slice(3, 6), x.data.slice(6)],
    },
  ],
  unstack: [
    {
      operands: [float([2, 3])],
      build: (x) => unstack(square(x)),
      shape: [3],
      value: (x) => [x.data.slice(0, 3).map((e) => e * e), x.data.slice(3).map((e) => e * e)],
    },
  ],
  roll: [
    {
      operands: [float([2, 5])],
      build: (x) => roll(x, 2, 1),
      value: moved([2, 5], ([i = 0, j = 0]) => [i, (j + 3) % 5]),
    },
    {
      operands: [float([3, 4])],
      build: (x) => roll(square(x), [-1, 7], [0, 1]),
      value: (x) => indices([3, 4]).map(([i = 0, j = 0]) => at(x, [(i + 1) % 3, (j + 1) % 4]) ** 2),
    },
    {
      title: "flattened",
      operands: [float([2, 3])],
      build: (x) => roll(x, 1),
      shape: [2, 3],
      value: (x) => [...x.data.slice(5), ...x.data.slice(0, 5)],
    },
  ],
  tile: [
    {
      operands: [float([2, 3])],
      build: (x) => tile(square(x), [2, 1, 2]),
      shape: [2, 2, 6],
      value: (x) => indices([2, 2, 6]).map(([, j = 0, k = 0]) => at(x, [j, k % 3]) ** 2),
    },
    { operands: [float([2, 3])], build: (x) => tile(x, [2]), shape: [2, 6] },
  ],
  repeat: [
    {
      operands: [float([2, 3])],
      build: (x) => repeat(square(x), 2, 1),
      shape: [2, 6],
      value: (x) => indices([2, 6]).map(([i = 0, j = 0]) => at(x, [i, Math.floor(j / 2)]) ** 2),
    },
    { title: "flattened", operands: [float([2, 2])], build: (x) => repeat(x, 3), shape: [12] },
  ],
  rot90: [
    {
      operands: [float([2, 3])],
      build: (x) => rot90(x),
      shape: [3, 2],
      value: moved([3, 2], ([i = 0, j = 0]) => [j, 2 - i]),
    },
    {
      operands: [float([2, 3])],
      build: (x) => rot90(x, 3),
      shape: [3, 2],
      value: moved([3, 2], ([i = 0, j = 0]) => [1 - j, i]),
    },
    {
      operands: [float([2, 3, 2])],
      build: (x) => rot90(square(x), -2, [1, 2]),
      value: (x) => indices([2, 3, 2]).map(([i = 0, j = 0, k = 0]) => at(x, [i, 2 - j, 1 - k]) ** 2),
    },
  ],
  meshgrid: [
    {
      operands: [float([2]), float([3])],
      build: (a, b) => meshgrid([square(a), b]),
      shape: [3, 2],
      value: (a, b) => [
        indices([3, 2]).map(([, j = 0]) => at(a, [j]) ** 2),
        indices([3, 2]).map(([i = 0]) => at(b, [i])),
      ],
    },
    {
      operands: [float([2]), float([3])],
      build: (a, b) => meshgrid([a, b], "ij"),
      shape: [2, 3],
      value: (a, b) => [
        indices([2, 3]).map(([i = 0]) => at(a, [i])),
        indices([2, 3]).map(([, j = 0]) => at(b, [j])),
      ],
    },
  ],
  pixelShuffle: [
    {
      operands: [float([1, 8, 2, 3])],
      build: (x) => pixelShuffle(square(x), 2),
      shape: [1, 2, 4, 6],
      value: (x) =>
        indices([1, 2, 4, 6]).map(
          ([n = 0, c = 0, i = 0, j = 0]) =>
            at(x, [n, 4 * c + 2 * (i % 2) + (j % 2), Math.floor(i / 2), Math.floor(j / 2)]) ** 2,
        ),
    },
  ],
  pixelUnshuffle: [
    {
      operands: [float([2, 4, 6])],
      build: (x) => add(pixelUnshuffle(x, 2), 0),
      shape: [8, 2, 3],
      value: (x) =>
        indices([8, 2, 3]).map(([c = 0, i = 0, j = 0]) =>
          at(x, [Math.floor(c / 4), 2 * i + Math.floor((c % 4) / 2), 2 * j + (c % 2)]),
        ),
    },
  ],
} satisfies Cases;
