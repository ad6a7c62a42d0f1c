/** Cases of gather and scatter in all their forms. */

import {
  embedding,
  gather,
  gatherAt,
  gatherElements,
  gatherND,
  oneHot,
  scatter,
  scatterAt,
  scatterElements,
  scatterND,
  take,
} from "@adjoint/core";
import { type Cases, float, integers, points, type Tensor } from "./case.js";
import { at, indices, positionOf } from "./expect.js";

/** The element of x at source(index), NaN where that is outside; negative positions count from the end. */
function read(x: Tensor, place: readonly number[]): number {
  const wrapped = place.map((part, axis) => (part < 0 ? part + (x.shape[axis] ?? 0) : part));
  const inside = wrapped.every((part, axis) => part >= 0 && part < (x.shape[axis] ?? 0));
  return inside ? at(x, wrapped) : Number.NaN;
}

type Mode = (old: number, update: number) => number;

/** A copy of base with every update combined into place(index), in row-major order. */
function written(mode: Mode, place: (index: number[], ...rest: Tensor[]) => readonly number[]) {
  return (base: Tensor, indexTensor: Tensor, updates: Tensor): number[] => {
    const result = [...base.data];
    for (const [k, index] of indices(updates.shape).entries()) {
      const target = place(index, indexTensor).map((part, axis) =>
        part < 0 ? part + (base.shape[axis] ?? 0) : part,
      );
      if (target.some((part, axis) => part < 0 || part >= (base.shape[axis] ?? 0))) continue;
      const position = positionOf(base.shape, target);
      result[position] = mode(result[position] ?? 0, updates.data[k] ?? 0);
    }
    return result;
  };
}

const modes = {
  set: (_, update) => update,
  add: (old, update) => old + update,
  min: Math.min,
  max: Math.max,
} as const satisfies Record<string, Mode>;

const byRow = (index: number[], list: Tensor): number[] => [at(list, index.slice(0, 1)), ...index.slice(1)];

export const indexing = {
  gather: [
    {
      operands: [float([4, 3]), integers([5], [3, 0, -1, 2, 0])],
      build: (x, i) => gather(x, i),
      value: (x, i) => indices([5, 3]).map((index) => read(x, byRow(index, i))),
      shape: [5, 3],
    },
    {
      title: "middle axis, indices with two axes, scalar extents",
      operands: [float([2, 4, 1]), integers([2, 3], [0, 1, 2, 3, -4, -1])],
      build: (x, i) => gather(x, i, 1),
      value: (x, i) =>
        indices([2, 2, 3, 1]).map(([a = 0, b = 0, c = 0, d = 0]) => read(x, [a, at(i, [b, c]), d])),
      shape: [2, 2, 3, 1],
    },
    {
      title: "one index",
      operands: [float([4]), integers([], [2])],
      build: (x, i) => gather(x, i),
      value: (x) => x.data.slice(2, 3),
      shape: [],
    },
    {
      title: "outside",
      operands: [points([1, 2]), integers([4], [2, -3, 1, 0])],
      order: 0,
      build: (x, i) => gather(x, i),
      value: [Number.NaN, Number.NaN, 2, 1],
      gradients: [[1, 1]],
    },
    {
      title: "integers outside",
      operands: [integers([2], [7, 8]), integers([2], [5, 1])],
      build: (x, i) => gather(x, i),
      value: [0, 8],
    },
    {
      title: "no index",
      operands: [float([2, 3]), integers([0], [])],
      build: (x, i) => gather(x, i),
      value: [],
      shape: [0, 3],
    },
  ],
  gatherAt: [
    {
      title: "axes exchanged, two index operands",
      operands: [float([3, 2, 4]), integers([2, 1], [2, 0]), integers([5], [0, 3, 1, 1, 2])],
      build: (x, i, j) => gatherAt(x, [i, j], [-1, 0, -2], [2, 5]),
      value: (x, i, j) => indices([2, 5]).map(([a = 0, b = 0]) => at(x, [at(i, [a, 0]), a, at(j, [b])])),
    },
    {
      title: "fill",
      operands: [points([1, 2]), integers([3], [0, 2, -1])],
      build: (x, i) => gatherAt(x, [i], [-1], [3], 9),
      value: [1, 9, 9],
    },
  ],
  gatherElements: [
    {
      operands: [float([3, 4]), integers([2, 4], [0, 2, 1, -1, 2, 2, 0, 0])],
      build: (x, i) => gatherElements(x, i, 0),
      value: (x, i) => indices([2, 4]).map((index) => read(x, [at(i, index), index[1] ?? 0])),
    },
    {
      operands: [float([3, 4]), integers([3, 2], [0, 3, 1, 1, -4, 2])],
      build: (x, i) => gatherElements(x, i, -1),
      value: (x, i) => indices([3, 2]).map((index) => read(x, [index[0] ?? 0, at(i, index)])),
    },
  ],
  gatherND: [
    {
      operands: [float([3, 4, 2]), integers([2, 2], [0, 3, -1, 1])],
      build: (x, i) => gatherND(x, i),
      value: (x, i) => indices([2, 2]).map(([a = 0, b = 0]) => read(x, [at(i, [a, 0]), at(i, [a, 1]), b])),
      shape: [2, 2],
    },
    {
      title: "batch",
      operands: [float([2, 3, 2]), integers([2, 2, 1], [2, 0, -1, 1])],
      build: (x, i) => gatherND(x, i, { batchDims: 1 }),
      value: (x, i) => indices([2, 2, 2]).map(([a = 0, b = 0, c = 0]) => read(x, [a, at(i, [a, b, 0]), c])),
      shape: [2, 2, 2],
    },
  ],
  scatter: [
    {
      operands: [float([4, 3]), integers([3], [2, 0, -1]), float([3, 3])],
      build: (base, i, updates) => scatter(base, i, updates),
      value: written(modes.set, byRow),
    },
    {
      title: "added twice and dropped",
      operands: [float([3, 18]), integers([4], [1, 1, 5, -1]), float([4, 18])],
      build: (base, i, updates) => scatter(base, i, updates, { combine: "add" }),
      value: written(modes.add, byRow),
    },
    {
      title: "of several set the last stays",
      operands: [float([3]), integers([4], [1, 0, 1, 7]), float([4])],
      build: (base, i, updates) => scatter(base, i, updates),
      value: written(modes.set, byRow),
    },
    {
      operands: [float([4]), integers([5], [0, 1, 1, 3, 3]), float([5])],
      build: (base, i, updates) => scatter(base, i, updates, { combine: "max" }),
      value: written(modes.max, byRow),
    },
    {
      operands: [float([4]), integers([5], [0, 1, 1, 3, 3]), float([5])],
      build: (base, i, updates) => scatter(base, i, updates, { combine: "min" }),
      value: written(modes.min, byRow),
    },
    {
      title: "ties share the adjoint",
      operands: [points([2, 0]), integers([3], [0, 0, 1]), points([2, 1, 5])],
      order: 0,
      build: (base, i, updates) => scatter(base, i, updates, { combine: "max" }),
      value: [2, 5],
      gradients: [
        [0.5, 0],
        [0.5, 0, 1],
      ],
    },
    {
      title: "last axis, indices with two axes",
      operands: [float([2, 5]), integers([2, 2], [0, 4, 1, 1]), float([2, 2, 2])],
      build: (base, i, updates) => scatter(base, i, updates, { axis: 1, combine: "add" }),
      value: written(modes.add, ([a = 0, b = 0, c = 0], list = { shape: [], data: [] }) => [
        a,
        at(list, [b, c]),
      ]),
    },
    {
      title: "integers",
      operands: [integers([3], [1, 2, 3]), integers([2], [0, 0]), integers([2], [5, 6])],
      build: (base, i, updates) => scatter(base, i, updates, { combine: "add" }),
      value: [12, 2, 3],
    },
  ],
  scatterAt: [
    {
      title: "axes exchanged",
      operands: [float([2, 3]), float([3, 2]), integers([1, 2], [1, 0])],
      build: (base, updates, i) => scatterAt(base, updates, [i], [-1, 0], "add"),
      value: (base, updates) =>
        indices([2, 3]).map(([a = 0, b = 0]) => at(base, [a, b]) + at(updates, [b, 1 - a])),
    },
  ],
  scatterElements: [
    {
      operands: [float([3, 4]), integers([2, 3], [0, 2, 2, -1, 2, 0]), float([2, 3])],
      build: (base, i, updates) => scatterElements(base, i, updates, { axis: 0, combine: "add" }),
      value: written(modes.add, (index, list = { shape: [], data: [] }) => [at(list, index), index[1] ?? 0]),
    },
    {
      operands: [float([2, 4]), integers([2, 3], [3, 0, 1, 2, 2, 0]), float([2, 3])],
      build: (base, i, updates) => scatterElements(base, i, updates, { axis: 1 }),
      value: written(modes.set, (index, list = { shape: [], data: [] }) => [index[0] ?? 0, at(list, index)]),
    },
  ],
  scatterND: [
    {
      operands: [float([3, 2, 2]), integers([3, 2], [0, 1, 2, 0, 0, 1]), float([3, 2])],
      build: (base, i, updates) => scatterND(base, i, updates, { combine: "add" }),
      value: written(modes.add, ([a = 0, b = 0], list = { shape: [], data: [] }) => [
        at(list, [a, 0]),
        at(list, [a, 1]),
        b,
      ]),
    },
    {
      title: "batch",
      operands: [float([2, 3]), integers([2, 2, 1], [2, 0, 1, 1]), float([2, 2])],
      build: (base, i, updates) => scatterND(base, i, updates, { batchDims: 1 }),
      value: written(modes.set, ([a = 0, b = 0], list = { shape: [], data: [] }) => [a, at(list, [a, b, 0])]),
    },
  ],
  take: [
    {
      operands: [float([2, 3]), integers([2, 2], [5, 0, -1, 2])],
      build: (x, i) => take(x, i),
      value: (x) => [5, 0, 5, 2].map((k) => x.data[k] ?? 0),
      shape: [2, 2],
    },
    {
      operands: [float([2, 3]), integers([2], [2, 2])],
      build: (x, i) => take(x, i, -1),
      value: (x) => [2, 2, 5, 5].map((k) => x.data[k] ?? 0),
      shape: [2, 2],
    },
  ],
  embedding: [
    {
      title: "a padding row is read but has no adjoint",
      operands: [points([1, 2, 3, 4, 5, 6], [3, 2]), integers([4], [1, 0, 2, 1])],
      order: 0,
      build: (table, i) => embedding(table, i, { paddingIndex: -2 }),
      value: [3, 4, 1, 2, 5, 6, 3, 4],
      gradients: [[1, 1, 0, 0, 1, 1]],
    },
    {
      operands: [float([5, 3]), integers([2, 2], [4, 0, 4, 2])],
      build: (table, i) => embedding(table, i),
      value: (table, i) => i.data.flatMap((row) => table.data.slice(row * 3, row * 3 + 3)),
      shape: [2, 2, 3],
    },
  ],
  oneHot: [
    {
      operands: [integers([4], [0, 2, -1, 3])],
      build: (i) => oneHot(i, 3),
      value: [1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0],
      shape: [4, 3],
    },
    {
      operands: [integers([2], [1, 0])],
      build: (i) => oneHot(i, 2, { axis: 0, dtype: "bool" }),
      value: [0, 1, 1, 0],
    },
  ],
} satisfies Cases;
