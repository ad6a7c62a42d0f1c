/** Cases of pooling and resizing, expected from the elements of each window. */

import { adaptiveAveragePool, adaptiveMaxPool, averagePool, l2Pool, maxPool, resize } from "@adjoint/core";
import { type Cases, float, integers, points, type Tensor } from "./case.js";
import { along, at, indices } from "./expect.js";

interface Window {
  readonly count: number;
  readonly size: number;
  readonly stride: number;
  readonly low?: number;
  readonly dilation?: number;
}

/** f of the elements of every window of the last axes; elements outside are left out. */
function pooled(axes: readonly Window[], f: (elements: number[]) => number): (x: Tensor) => number[] {
  return (x) => {
    const lead = x.shape.slice(0, x.shape.length - axes.length);
    return indices([...lead, ...axes.map(({ count }) => count)]).map((index) => {
      const elements: number[] = [];
      for (const tap of indices(axes.map(({ size }) => size))) {
        const place = axes.map(
          ({ stride, low = 0, dilation = 1 }, k) =>
            (index[lead.length + k] ?? 0) * stride - low + (tap[k] ?? 0) * dilation,
        );
        if (place.every((p, k) => p >= 0 && p < (x.shape[lead.length + k] ?? 0))) {
          elements.push(at(x, [...index.slice(0, lead.length), ...place]));
        }
      }
      return f(elements);
    });
  };
}

const largest = (list: number[]): number => Math.max(...list);
const total = (list: number[]): number => list.reduce((sum, element) => sum + element, 0);
const average = (list: number[]): number => total(list) / list.length;

/** f of each region [⌊t n / count⌋, ⌈(t + 1) n / count⌉) of the lines of an axis. */
function regions(axis: number, count: number, f: (list: number[]) => number): (x: Tensor) => Tensor {
  return (x) => {
    const n = x.shape[axis] ?? 1;
    const parts = Array.from({ length: count }, (_, t) => {
      const range = [Math.floor((t * n) / count), Math.ceil(((t + 1) * n) / count)];
      return along(axis, (line) => line.map(() => f(line.slice(range[0], range[1]))))(x);
    });
    const shape = x.shape.map((extent, other) => (other === axis ? count : extent));
    return {
      shape,
      data: indices(shape).map((index) => {
        const first = index.map((part, other) => (other === axis ? 0 : part));
        return at({ shape: x.shape, data: parts[index[axis] ?? 0] ?? [] }, first);
      }),
    };
  };
}

export const pooling = {
  maxPool: [
    {
      operands: [float([2, 6])],
      build: (x) => maxPool(x, [2]),
      value: pooled([{ count: 3, size: 2, stride: 2 }], largest),
    },
    {
      operands: [float([2, 2, 5, 4])],
      build: (x) => maxPool(x, [3, 2], { strides: [2, 1], padding: [1, 0] }),
      value: pooled(
        [
          { count: 3, size: 3, stride: 2, low: 1 },
          { count: 3, size: 2, stride: 1 },
        ],
        largest,
      ),
    },
    {
      title: "dilated, one more in ceil mode",
      operands: [float([1, 8])],
      build: (x) => maxPool(x, [2], { strides: 3, dilation: 2, ceilMode: true }),
      value: pooled([{ count: 3, size: 2, stride: 3, dilation: 2 }], largest),
      shape: [1, 3],
    },
    {
      title: "ceil mode takes no window that starts in the padding",
      operands: [float([4])],
      build: (x) => maxPool(x, [2], { strides: 3, padding: 1, ceilMode: true }),
      value: pooled([{ count: 2, size: 2, stride: 3, low: 1 }], largest),
      shape: [2],
    },
    {
      title: "three axes",
      operands: [float([3, 2, 4])],
      build: (x) => maxPool(x, [2, 2, 2], { strides: 1 }),
      value: pooled(
        [
          { count: 2, size: 2, stride: 1 },
          { count: 1, size: 2, stride: 1 },
          { count: 3, size: 2, stride: 1 },
        ],
        largest,
      ),
    },
    {
      title: "ties",
      operands: [points([1, 1, 0, 2])],
      order: 0,
      build: (x) => maxPool(x, [2]),
      value: [1, 2],
      gradients: [[0.5, 0.5, 0, 1]],
    },
    {
      title: "integers",
      operands: [integers([4], [-5, -7, 3, 1])],
      build: (x) => maxPool(x, [3], { strides: 2, padding: 1 }),
      value: [-5, 3],
    },
  ],
  averagePool: [
    {
      operands: [float([2, 6])],
      build: (x) => averagePool(x, [3], { strides: 1 }),
      value: pooled([{ count: 4, size: 3, stride: 1 }], average),
    },
    {
      title: "padding counts",
      operands: [float([2, 5, 4])],
      build: (x) => averagePool(x, [3, 2], { strides: 2, padding: 1 }),
      value: pooled(
        [
          { count: 3, size: 3, stride: 2, low: 1 },
          { count: 3, size: 2, stride: 2, low: 1 },
        ],
        (list) => total(list) / 6,
      ),
    },
    {
      title: "padding does not count",
      operands: [float([2, 5, 4])],
      build: (x) => averagePool(x, [3, 2], { strides: 2, padding: 1, countIncludePad: false }),
      value: pooled(
        [
          { count: 3, size: 3, stride: 2, low: 1 },
          { count: 3, size: 2, stride: 2, low: 1 },
        ],
        average,
      ),
    },
    {
      title: "what ceil mode adds never counts",
      operands: [float([7])],
      build: (x) => averagePool(x, [3], { strides: 2, padding: [[0, 1]], ceilMode: true }),
      value: (x) =>
        [0, 2, 4, 6].map((start) => total(x.data.slice(start, start + 3)) / (start === 6 ? 2 : 3)),
    },
    {
      title: "divisor",
      operands: [float([4])],
      build: (x) => averagePool(x, [2], { divisor: -4 }),
      value: pooled([{ count: 2, size: 2, stride: 2 }], (list) => total(list) / -4),
    },
    {
      title: "no window",
      operands: [float([2, 2])],
      build: (x) => averagePool(x, [3]),
      value: [],
      shape: [2, 0],
    },
  ],
  l2Pool: [
    {
      operands: [float([2, 4, 3])],
      build: (x) => l2Pool(x, [2, 3]),
      value: pooled(
        [
          { count: 2, size: 2, stride: 2 },
          { count: 1, size: 3, stride: 3 },
        ],
        (list) => Math.hypot(...list),
      ),
    },
    {
      title: "zeros",
      operands: [points([0, 0, 3, 4])],
      order: 0,
      build: (x) => l2Pool(x, [2]),
      value: [0, 5],
      gradients: [[0, 0, 0.6, 0.8]],
    },
  ],
  adaptiveMaxPool: [
    {
      operands: [float([2, 6])],
      build: (x) => adaptiveMaxPool(x, [3]),
      value: (x) => regions(1, 3, largest)(x).data,
    },
    {
      title: "overlapping regions",
      operands: [float([2, 5, 7])],
      build: (x) => adaptiveMaxPool(x, [3, 4]),
      value: (x) => regions(2, 4, largest)(regions(1, 3, largest)(x)).data,
      shape: [2, 3, 4],
    },
    {
      title: "more results than elements",
      operands: [float([3])],
      build: (x) => adaptiveMaxPool(x, [5]),
      value: (x) => regions(0, 5, largest)(x).data,
    },
  ],
  adaptiveAveragePool: [
    {
      operands: [float([2, 6, 3])],
      build: (x) => adaptiveAveragePool(x, [2, null]),
      value: (x) => regions(1, 2, average)(x).data,
      shape: [2, 2, 3],
    },
    {
      title: "overlapping regions",
      operands: [float([2, 5, 7])],
      build: (x) => adaptiveAveragePool(x, [3, 4]),
      value: (x) => regions(2, 4, average)(regions(1, 3, average)(x)).data,
      shape: [2, 3, 4],
    },
    {
      title: "more results than elements",
      operands: [float([3, 2])],
      build: (x) => adaptiveAveragePool(x, [5, 1]),
      value: (x) => regions(1, 1, average)(regions(0, 5, average)(x)).data,
    },
  ],
  // Expected numbers: PyTorch 2 interpolate of 0 … n - 1 or of the given elements.
  resize: [
    {
      operands: [points([1, 2, 3, 4])],
      build: (x) => resize(x, { extents: [6] }),
      value: [1, 1, 2, 3, 3, 4],
    },
    {
      title: "exact",
      operands: [points([1, 2, 3, 4])],
      build: (x) => resize(x, { extents: [3] }, { mode: "nearestExact" }),
      value: [1, 3, 4],
    },
    {
      title: "linear",
      operands: [points([1, 2, 4])],
      build: (x) => resize(x, { extents: [6] }, { mode: "linear" }),
      value: [1, 1.25, 1.75, 2.5, 3.5, 4],
    },
    {
      title: "linear, corners aligned",
      operands: [points([1, 2, 4])],
      build: (x) => resize(x, { extents: [5] }, { mode: "linear", alignCorners: true }),
      value: [1, 1.5, 2, 3, 4],
    },
    {
      title: "by factors",
      operands: [float([2, 3, 4])],
      build: (x) => resize(x, { scales: [1.7, 0.6] }, { mode: "linear" }),
      shape: [2, 5, 2],
    },
    {
      title: "cubic",
      operands: [points([0, 0, 1, 0, 0, 0])],
      build: (x) => resize(x, { extents: [3] }, { mode: "cubic" }),
      value: [-0.09375, 0.59375, 0],
    },
    {
      title: "cubic, corners aligned",
      operands: [float([3, 4])],
      build: (x) => resize(x, { extents: [5, 3] }, { mode: "cubic", alignCorners: true }),
      shape: [5, 3],
    },
    {
      title: "area",
      operands: [float([5, 4])],
      build: (x) => resize(x, { extents: [3, 2] }, { mode: "area" }),
      value: (x) => regions(1, 2, average)(regions(0, 3, average)(x)).data,
    },
    {
      title: "integers",
      operands: [integers([3], [5, 6, 7])],
      build: (x) => resize(x, { scales: [2] }),
      value: [5, 5, 6, 6, 7, 7],
    },
  ],
} satisfies Cases;
