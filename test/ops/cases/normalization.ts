/** Cases of normalizations, expected from the elements of each group. */

import {
  batchNorm,
  batchNormTraining,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  parameter,
  rmsNorm,
  values,
} from "@adjoint/core";
import { type Cases, float, type Tensor } from "./case.js";
import { along, at, groups, indices, positionOf } from "./expect.js";

const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
const variance = (list: readonly number[]): number => mean(list.map((x) => (x - mean(list)) ** 2));

function standardized(list: readonly number[], epsilon: number): number[] {
  return list.map((x) => (x - mean(list)) / Math.sqrt(variance(list) + epsilon));
}

/** f of the list of elements along the axes, put back in place. */
function alongAll(axes: readonly number[], f: (list: number[]) => number[]): (x: Tensor) => number[] {
  return (x) => {
    const result = x.data.map(() => 0);
    const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const outer = indices(kept.map((axis) => x.shape[axis] ?? 1));
    const inner = indices(axes.map((axis) => x.shape[axis] ?? 1));
    for (const [g, list] of groups(x, axes).entries()) {
      for (const [k, value] of f(list).entries()) {
        const index = x.shape.map(
          (_, axis) => outer[g]?.[kept.indexOf(axis)] ?? inner[k]?.[axes.indexOf(axis)] ?? 0,
        );
        result[positionOf(x.shape, index)] = value;
      }
    }
    return result;
  };
}

/** y · weight + bias, each with an entry per position on one axis. */
function affine(
  shape: readonly number[],
  axis: number,
  y: readonly number[],
  weight: Tensor,
  bias: Tensor,
): number[] {
  return indices(shape).map(
    (index, i) => (y[i] ?? 0) * at(weight, [index[axis] ?? 0]) + at(bias, [index[axis] ?? 0]),
  );
}

export const normalization = {
  layerNorm: [
    {
      operands: [float([3, 4]), float([4]), float([4])],
      build: (x, weight, bias) => layerNorm(x, { weight, bias }),
      value: (x, weight, bias) =>
        affine(x.shape, 1, along(1, (line) => standardized(line, 1e-5))(x), weight, bias),
    },
    {
      title: "two axes",
      operands: [float([2, 3, 2])],
      build: (x) => layerNorm(x, { axes: [1, 2], epsilon: 0.1 }),
      value: alongAll([1, 2], (list) => standardized(list, 0.1)),
    },
    {
      title: "equal elements",
      operands: [float([1, 3], 2, 2)],
      build: (x) => layerNorm(x, { epsilon: 0.5 }),
      value: [0, 0, 0],
    },
  ],
  rmsNorm: [
    {
      operands: [float([3, 4]), float([4])],
      build: (x, weight) => rmsNorm(x, { weight }),
      value: (x, weight) => {
        const scaled = along(1, (line) =>
          line.map((e) => e / Math.sqrt(mean(line.map((a) => a * a)) + 1e-5)),
        )(x);
        return scaled.map((y, i) => y * (weight.data[i % 4] ?? 0));
      },
    },
  ],
  batchNorm: [
    {
      operands: [float([2, 3, 2]), float([3]), float([3], 0.5, 2), float([3]), float([3])],
      build: (x, average, spread, weight, bias) =>
        batchNorm(x, { mean: average, variance: spread }, { weight, bias }),
      value: (x, average, spread, weight, bias) => {
        const y = indices(x.shape).map(
          (index) =>
            (at(x, index) - at(average, [index[1] ?? 0])) / Math.sqrt(at(spread, [index[1] ?? 0]) + 1e-5),
        );
        return affine(x.shape, 1, y, weight, bias);
      },
    },
    {
      title: "channels last",
      operands: [float([4, 2]), float([2]), float([2], 0.5, 2)],
      build: (x, average, spread) =>
        batchNorm(x, { mean: average, variance: spread }, { axis: -1, epsilon: 0.25 }),
      value: (x, average, spread) =>
        indices(x.shape).map(
          (index) =>
            (at(x, index) - at(average, index.slice(1))) / Math.sqrt(at(spread, index.slice(1)) + 0.25),
        ),
    },
  ],
  batchNormTraining: [
    {
      operands: [float([3, 2, 2]), float([2]), float([2])],
      build: (x, weight, bias) => batchNormTraining(x, { weight, bias }).output,
      value: (x, weight, bias) =>
        affine(x.shape, 1, alongAll([0, 2], (list) => standardized(list, 1e-5))(x), weight, bias),
    },
    {
      title: "updates of running statistics",
      operands: [float([3, 2])],
      build: (x) => {
        const running = {
          mean: parameter("running.mean", [2], values([1, 2]), { dtype: x.dtype, state: true }),
          variance: parameter("running.variance", [2], values([3, 4]), { dtype: x.dtype, state: true }),
        };
        return batchNormTraining(x, { running, momentum: 0.25 }).updates.map(({ value }) => value);
      },
      value: (x) => {
        const columns = groups(x, [0]);
        return [
          columns.map((list, c) => 0.75 * (c + 1) + 0.25 * mean(list)),
          columns.map((list, c) => 0.75 * (c + 3) + 0.25 * variance(list) * 1.5),
        ];
      },
    },
  ],
  groupNorm: [
    {
      operands: [float([2, 4, 3]), float([4]), float([4])],
      build: (x, weight, bias) => groupNorm(x, 2, { weight, bias }),
      value: (x, weight, bias) => {
        const split = { shape: [2, 2, 6], data: x.data };
        return affine(x.shape, 1, along(2, (line) => standardized(line, 1e-5))(split), weight, bias);
      },
    },
    {
      title: "no spatial axes",
      operands: [float([2, 4])],
      build: (x) => groupNorm(x, 2, { epsilon: 0.5 }),
      value: (x) => along(2, (line) => standardized(line, 0.5))({ shape: [2, 2, 2], data: x.data }),
    },
  ],
  instanceNorm: [
    {
      operands: [float([2, 2, 3, 2]), float([2]), float([2])],
      build: (x, weight, bias) => instanceNorm(x, { weight, bias }),
      value: (x, weight, bias) =>
        affine(x.shape, 1, alongAll([2, 3], (list) => standardized(list, 1e-5))(x), weight, bias),
    },
  ],
  localResponseNorm: [
    {
      operands: [float([2, 5, 2])],
      build: (x) => localResponseNorm(x, 4, { alpha: 0.5, beta: 0.6, k: 1.5 }),
      value: along(1, (line) =>
        line.map((e, c) => {
          const power = line.slice(Math.max(0, c - 2), c + 2).reduce((sum, a) => sum + a * a, 0);
          return e / (1.5 + (0.5 / 4) * power) ** 0.6;
        }),
      ),
    },
    {
      title: "no spatial axes",
      operands: [float([2, 3])],
      build: (x) => localResponseNorm(x, 1),
      value: (x) => x.data.map((e) => e / (1 + 1e-4 * e * e) ** 0.75),
    },
  ],
} satisfies Cases;
