/** Cases of sorting and searching, expected from sorted lists of positions. */

import { argSort, kthValue, searchSorted, sort, topK } from "@adjoint/core";
import { type Cases, float, integers, points } from "./case.js";
import { along } from "./expect.js";

/** Ascending with NaN last; stable. */
function ranked(line: readonly number[], descending = false): number[] {
  const keys = line.map((key) => (Number.isNaN(key) ? Number.POSITIVE_INFINITY : key));
  const late = (i: number): number => Number(Number.isNaN(line[i]));
  return [...line.keys()].sort((i, j) => {
    const difference =
      (keys[i] ?? 0) === (keys[j] ?? 0) ? late(i) - late(j) : (keys[i] ?? 0) < (keys[j] ?? 0) ? -1 : 1;
    return descending ? -difference : difference;
  });
}

const sorted = (line: readonly number[], descending = false): number[] =>
  ranked(line, descending).map((i) => line[i] ?? Number.NaN);

export const sorting = {
  argSort: [
    { operands: [float([2, 7])], build: (x) => argSort(x), value: along(1, (line) => ranked(line)) },
    {
      title: "stable, NaN last",
      operands: [points([1, Number.NaN, 0, 1, Infinity, 0, -Infinity, Number.NaN, 1])],
      order: 0,
      build: (x) => argSort(x),
      value: (x) => ranked(x.data),
    },
    {
      title: "descending is stable too",
      operands: [points([1, Number.NaN, 0, 1, 0, 1])],
      order: 0,
      build: (x) => argSort(x, { descending: true }),
      value: (x) => ranked(x.data, true),
    },
    {
      operands: [integers([3, 16], -5, 5)],
      build: (x) => argSort(x, { axis: 0 }),
      value: along(0, (line) => ranked(line)),
    },
    {
      title: "uint32",
      operands: [integers([3], [4294967295, 1, 2147483648], 0, "uint32")],
      build: (x) => argSort(x),
      value: [1, 2, 0],
    },
    { title: "empty", operands: [float([2, 0])], build: (x) => argSort(x), value: [], shape: [2, 0] },
  ],
  sort: [
    { operands: [float([3, 5])], build: (x) => sort(x), value: along(1, (line) => sorted(line)) },
    {
      operands: [float([3, 5, 2])],
      build: (x) => sort(x, { axis: 0, descending: true }),
      value: along(0, (line) => sorted(line, true)),
    },
  ],
  topK: [
    {
      operands: [float([2, 6])],
      build: (x) => Object.values(topK(x, 3)),
      value: (x) => {
        const rows = [x.data.slice(0, 6), x.data.slice(6)];
        return [
          rows.flatMap((row) => sorted(row, true).slice(0, 3)),
          rows.flatMap((row) => ranked(row, true).slice(0, 3)),
        ];
      },
    },
    {
      operands: [float([4, 2])],
      build: (x) => topK(x, 2, { axis: 0, largest: false }).values,
      value: (x) => along(0, (line) => sorted(line))(x).slice(0, 4),
    },
  ],
  kthValue: [
    {
      operands: [float([2, 5])],
      build: (x) => Object.values(kthValue(x, 2)),
      value: (x) => {
        const rows = [x.data.slice(0, 5), x.data.slice(5)];
        return [rows.map((row) => sorted(row)[1] ?? 0), rows.map((row) => ranked(row)[1] ?? 0)];
      },
    },
    {
      operands: [float([3, 2])],
      build: (x) => kthValue(x, 3, { axis: 0, keepDims: true }).values,
      value: (x) => along(0, (line) => sorted(line))(x).slice(4),
      shape: [1, 2],
    },
  ],
  searchSorted: [
    {
      operands: [points([1, 2, 2, 3]), points([0, 1, 2, 2.5, 3, 9])],
      order: 0,
      build: (list, x) => searchSorted(list, x),
      value: [0, 0, 1, 3, 3, 4],
    },
    {
      operands: [points([1, 2, 2, 3]), points([0, 1, 2, 2.5, 3, 9])],
      order: 0,
      build: (list, x) => searchSorted(list, x, { side: "right" }),
      value: [0, 1, 3, 3, 4, 4],
    },
    {
      title: "NaN",
      operands: [points([1, Infinity, Number.NaN]), points([Number.NaN])],
      order: 0,
      build: (list, x) => [searchSorted(list, x), searchSorted(list, x, { side: "right" })],
      value: [[2], [3]],
    },
    {
      title: "rows",
      operands: [integers([2, 3], [1, 2, 3, 4, 5, 6]), integers([2, 2], [3, 0, 5, 9])],
      build: (list, x) => searchSorted(list, x),
      value: [2, 0, 1, 3],
    },
    {
      title: "empty",
      operands: [points([]), points([1, 2])],
      order: 0,
      build: (list, x) => searchSorted(list, x),
      value: [0, 0],
    },
  ],
} satisfies Cases;
