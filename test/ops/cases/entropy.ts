/** Cases of losses between distributions. */

import {
  binaryCrossEntropy,
  klDivergence,
  logSoftmax,
  negativeLogLikelihood,
  sigmoidCrossEntropy,
  softmax,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
} from "@adjoint/core";
import { type Cases, fixed, float, integers, points, type Tensor } from "./case.js";
import { pairwise } from "./expect.js";

const { POSITIVE_INFINITY: infinity } = Number;

function rows(x: Tensor): number[][] {
  const width = x.shape.at(-1) ?? 1;
  return Array.from({ length: x.data.length / width }, (_, i) => x.data.slice(width * i, width * (i + 1)));
}

/** log softmax of every row. */
function logProbabilities(x: Tensor): number[][] {
  return rows(x).map((row) => {
    const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    return row.map((z) => z - total);
  });
}

const labels = integers([4], [2, 0, -1, 1]);
const _signs = fixed(points([1, -1, 1, -1, 1, -1], [2, 3]));
const _pair = [float([2, 3]), float([2, 3])] as const;
const _distance = (a: readonly number[], b: readonly number[], epsilon = 1e-6): number =>
  Math.hypot(...a.map((x, i) => x - (b[i] ?? 0) + epsilon));
const _cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

export const entropy = {
  sparseSoftmaxCrossEntropy: [
    {
      operands: [float([4, 3]), integers([4], 0, 2)],
      build: (x, y) => sparseSoftmaxCrossEntropy(x, y),
      value: (x, y) => logProbabilities(x).map((row, i) => -(row[y.data[i] ?? 0] ?? 0)),
    },
    {
      title: "one class, no examples",
      operands: [float([0, 1]), integers([0], 0, 0)],
      build: (x, y) => sparseSoftmaxCrossEntropy(x, y),
      value: [],
    },
    {
      title: "a logit that outweighs the others, ties, infinities",
      operands: [
        points([20, -20, 0, 7, 7, 7, 1e4, 0, -1e4, -infinity, 0, -infinity], [4, 3]),
        integers([4], [0, 2, 0, 1]),
      ],
      build: (x, y) => sparseSoftmaxCrossEntropy(x, y),
      order: 0,
      value: [Math.log1p(Math.exp(-40) + Math.exp(-20)), Math.log(3), 0, 0],
    },
  ],
  softmaxCrossEntropy: [
    {
      operands: [float([4, 3]), integers([4], 0, 2)],
      build: (x, y) => softmaxCrossEntropy(x, y),
      value: (x, y) => logProbabilities(x).map((row, i) => -(row[y.data[i] ?? 0] ?? 0)),
    },
    {
      title: "ignored label, weights and smoothing",
      operands: [float([4, 3]), labels, float([3], 0.5, 2)],
      build: (x, y, weights) => softmaxCrossEntropy(x, y, { ignored: -1, weights, smoothing: 0.1 }),
      value: (x, y, weights) =>
        logProbabilities(x).map((row, i) => {
          const label = y.data[i] ?? 0;
          if (label === -1) return 0;
          const chosen = -(weights.data[label] ?? 0) * (row[label] ?? 0);
          return 0.9 * chosen - (0.1 / 3) * row.reduce((sum, z, k) => sum + z * (weights.data[k] ?? 0), 0);
        }),
    },
    {
      title: "probabilities",
      operands: [float([4, 3]), float([4, 3], 0, 1), float([3], 0.5, 2)],
      build: (x, y, weights) => softmaxCrossEntropy(x, y, { weights, smoothing: 0.2 }),
      value: (x, y, weights) =>
        logProbabilities(x).map((row, i) =>
          row.reduce(
            (sum, z, k) => sum - (weights.data[k] ?? 0) * z * (0.8 * (y.data[3 * i + k] ?? 0) + 0.2 / 3),
            0,
          ),
        ),
    },
    {
      title: "an impossible class",
      operands: [points([0, -infinity, 0], [1, 3]), fixed(points([1, 0, 0], [1, 3]))],
      order: 0,
      build: (x, y) => softmaxCrossEntropy(x, y),
      value: [Math.LN2],
      gradients: [[-0.5, 0, 0.5]],
    },
    {
      title: "far out",
      operands: [points([1e4, 0, -1e4], [1, 3]), integers([1], [2])],
      order: 0,
      build: (x, y) => softmaxCrossEntropy(x, y),
      value: [2e4],
      gradients: [[1, 0, -1]],
    },
    {
      title: "leading axes",
      operands: [float([2, 3, 4]), integers([2, 3], 0, 3)],
      build: (x, y) => softmaxCrossEntropy(x, y),
    },
  ],
  negativeLogLikelihood: [
    {
      operands: [float([4, 3]), labels, float([3], 0.5, 2)],
      build: (x, y, weights) => negativeLogLikelihood(logSoftmax(x), y, { ignored: -1, weights }),
      value: (x, y, weights) =>
        logProbabilities(x).map((row, i) => {
          const label = y.data[i] ?? 0;
          return label === -1 ? 0 : -(weights.data[label] ?? 0) * (row[label] ?? 0);
        }),
    },
  ],
  binaryCrossEntropy: [
    {
      operands: [float([2, 3], 0.1, 0.9), float([2, 3], 0, 1)],
      build: (p, y) => binaryCrossEntropy(p, y),
      value: pairwise((p = 0, y = 0) => -(y * Math.log(p) + (1 - y) * Math.log(1 - p))),
    },
    {
      title: "certain",
      operands: [points([0, 1, 0.5]), fixed(points([0, 1, 1]))],
      order: 0,
      build: (p, y) => binaryCrossEntropy(p, y),
      value: [0, 0, Math.LN2],
      gradients: [[1, -1, -2]],
      pole: true,
    },
  ],
  sigmoidCrossEntropy: [
    {
      operands: [float([2, 3]), float([2, 3], 0, 1)],
      build: (x, y) => sigmoidCrossEntropy(x, y),
      value: pairwise((x = 0, y = 0) => {
        const p = 1 / (1 + Math.exp(-x));
        return -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
      }),
    },
    {
      title: "positive weight",
      operands: [float([2, 3]), float([2, 3], 0, 1), float([3], 0.5, 2)],
      build: (x, y, positiveWeight) => sigmoidCrossEntropy(x, y, { positiveWeight }),
      value: pairwise((x = 0, y = 0, weight = 0) => {
        const p = 1 / (1 + Math.exp(-x));
        return -(weight * y * Math.log(p) + (1 - y) * Math.log(1 - p));
      }),
    },
    {
      title: "far out",
      operands: [points([1e4, -1e4, 1e4]), fixed(points([1, 0, 0]))],
      order: 0,
      build: (x, y) => sigmoidCrossEntropy(x, y),
      value: [0, 0, 1e4],
      gradients: [[0, 0, 1]],
    },
  ],
  klDivergence: [
    {
      operands: [float([2, 3]), float([2, 3], 0.1, 1)],
      build: (x, y) => klDivergence(logSoftmax(x), y),
      value: (x, y) =>
        logProbabilities(x)
          .flat()
          .map((z, i) => (y.data[i] ?? 0) * (Math.log(y.data[i] ?? 0) - z)),
    },
    {
      title: "of logarithms",
      operands: [float([2, 3]), float([2, 3])],
      build: (x, y) => klDivergence(x, y, { logTargets: true }),
      value: pairwise((x = 0, y = 0) => Math.exp(y) * (y - x)),
    },
    {
      title: "of what is impossible",
      operands: [points([-infinity, -1]), points([0, 1])],
      order: 0,
      build: (x, y) => klDivergence(softmax(x), y),
      value: [0, -1],
    },
  ],
} satisfies Cases;
