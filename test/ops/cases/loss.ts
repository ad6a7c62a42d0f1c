/** Cases of losses between values. */

import {
  absoluteError,
  cosineEmbedding,
  gaussianLoss,
  hinge,
  hingeEmbedding,
  huber,
  marginRanking,
  poissonLoss,
  smoothL1,
  softMargin,
  squaredError,
  triplet,
} from "@adjoint/core";
import { type Case, type Cases, fixed, float, points, type Tensor } from "./case.js";
import { pairwise } from "./expect.js";

function rows(x: Tensor): number[][] {
  const width = x.shape.at(-1) ?? 1;
  return Array.from({ length: x.data.length / width }, (_, i) => x.data.slice(width * i, width * (i + 1)));
}

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
  squaredError: [
    { operands: pair, build: (x, y) => squaredError(x, y), value: pairwise((x = 0, y = 0) => (x - y) ** 2) },
  ],
  absoluteError: [
    {
      operands: pair,
      build: (x, y) => absoluteError(x, y),
      value: pairwise((x = 0, y = 0) => Math.abs(x - y)),
    },
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
    {
      operands: pair,
      build: (x, y) => smoothL1(x, y, 0.5),
      value: (x, y) => huberOf(0.5)(x, y).map((z) => 2 * z),
    },
    {
      operands: pair,
      build: (x, y) => smoothL1(x, y, 0),
      value: pairwise((x = 0, y = 0) => Math.abs(x - y)),
    },
  ],
  hinge: [
    {
      operands: [float([2, 3]), signs],
      build: (x, y) => hinge(x, y),
      value: pairwise((x = 0, y = 0) => Math.max(0, 1 - x * y)),
    },
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
