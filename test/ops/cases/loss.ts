/** Cases of losses. */

import {
  absoluteError,
  binaryCrossEntropy,
  cosineEmbedding,
  gaussianLoss,
  hinge,
  hingeEmbedding,
  huber,
  klDivergence,
  logSoftmax,
  marginRanking,
  negativeLogLikelihood,
  poissonLoss,
  sigmoidCrossEntropy,
  smoothL1,
  softMargin,
  softmax,
  softmaxCrossEntropy,
  squaredError,
  triplet,
} from "@adjoint/core";
import { type Case, type Cases, fixed, float, integers, points, type Tensor } from "./case.js";
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
const signs = fixed(points([1, -1, 1, -1, 1, -1], [2, 3]));
const pair = [float([2, 3]), float([2, 3])] as const;
const distance = (a: readonly number[], b: readonly number[], epsilon = 1e-6): number =>
  Math.hypot(...a.map((x, i) => x - (b[i] ?? 0) + epsilon));
const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

const huberOf = (delta: number) =>
  pairwise((x = 0, y = 0) => {
    const d = Math.abs(x - y);
    return d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
  });

function tripletCase(swap: boolean): Case {
  return {
    title: swap ? "swapped" : "plain",
    operands: [float([3, 4]), float([3, 4]), float([3, 4])],
    build: (a, p, n) => triplet(a, p, n, { margin: 2, swap }),
    value: (a, p, n) =>
      rows(a).map((anchor, i) => {
        const [positive = [], negative = []] = [rows(p)[i], rows(n)[i]];
        const far = distance(anchor, negative);
        const farthest = swap ? Math.min(far, distance(positive, negative)) : far;
        return Math.max(0, distance(anchor, positive) - farthest + 2);
      }),
  };
}

export const loss = {
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
    { title: "leading axes", operands: [float([2, 3, 4]), integers([2, 3], 0, 3)], build: (x, y) => softmaxCrossEntropy(x, y) },
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
      value: (x, y) => logProbabilities(x).flat().map((z, i) => (y.data[i] ?? 0) * (Math.log(y.data[i] ?? 0) - z)),
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
  squaredError: [{ operands: pair, build: (x, y) => squaredError(x, y), value: pairwise((x = 0, y = 0) => (x - y) ** 2) }],
  absoluteError: [
    { operands: pair, build: (x, y) => absoluteError(x, y), value: pairwise((x = 0, y = 0) => Math.abs(x - y)) },
  ],
  huber: [
    { operands: pair, build: (x, y) => huber(x, y), value: huberOf(1) },
    { operands: pair, build: (x, y) => huber(x, y, 0.4), value: huberOf(0.4) },
    {
      title: "equal",
      operands: [points([1, 3]), points([1, 1])],
      order: 0,
      build: (x, y) => huber(x, y),
      value: [0, 1.5],
      gradients: [
        [0, 1],
        [0, -1],
      ],
    },
  ],
  smoothL1: [
    { operands: pair, build: (x, y) => smoothL1(x, y, 0.5), value: (x, y) => huberOf(0.5)(x, y).map((z) => 2 * z) },
    { operands: pair, build: (x, y) => smoothL1(x, y, 0), value: pairwise((x = 0, y = 0) => Math.abs(x - y)) },
  ],
  hinge: [
    { operands: [float([2, 3]), signs], build: (x, y) => hinge(x, y), value: pairwise((x = 0, y = 0) => Math.max(0, 1 - x * y)) },
  ],
  hingeEmbedding: [
    {
      operands: [float([2, 3]), signs],
      build: (x, y) => hingeEmbedding(x, y, 0.7),
      value: pairwise((x = 0, y = 0) => (y === 1 ? x : Math.max(0, 0.7 - x))),
    },
  ],
  softMargin: [
    {
      operands: [float([2, 3]), signs],
      build: (x, y) => softMargin(x, y),
      value: pairwise((x = 0, y = 0) => Math.log(1 + Math.exp(-x * y))),
    },
  ],
  marginRanking: [
    {
      operands: [...pair, signs],
      build: (a, b, y) => marginRanking(a, b, y, 0.3),
      value: pairwise((a = 0, b = 0, y = 0) => Math.max(0, -y * (a - b) + 0.3)),
    },
  ],
  cosineEmbedding: [
    {
      operands: [float([3, 4]), float([3, 4]), fixed(points([1, -1, 1]))],
      build: (a, b, y) => cosineEmbedding(a, b, y, -0.9),
      value: (a, b, y) =>
        rows(a).map((row, i) => {
          const similarity = cosine(row, rows(b)[i] ?? []);
          return y.data[i] === 1 ? 1 - similarity : Math.max(0, similarity + 0.9);
        }),
    },
  ],
  triplet: [tripletCase(false), tripletCase(true)],
  poissonLoss: [
    {
      operands: [float([2, 3]), float([2, 3], 0, 4)],
      build: (x, y) => poissonLoss(x, y),
      value: pairwise((x = 0, y = 0) => Math.exp(x) - y * x),
    },
    {
      title: "of rates, full",
      operands: [float([2, 3], 0.5, 2), float([2, 3], 0.2, 4)],
      build: (x, y) => poissonLoss(x, y, { logInput: false, full: true }),
      value: pairwise((x = 0, y = 0) => {
        const stirling = y > 1 ? y * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI * y) : 0;
        return x - y * Math.log(x + 1e-8) + stirling;
      }),
    },
  ],
  gaussianLoss: [
    {
      operands: [...pair, float([2, 1], 0.3, 2)],
      build: (x, y, variance) => gaussianLoss(x, y, variance, { full: true }),
      value: pairwise((x = 0, y = 0, v = 0) => 0.5 * (Math.log(2 * Math.PI * v) + (x - y) ** 2 / v)),
    },
  ],
} satisfies Cases;
