/** Cases of random tensors: bits as the published test vectors and the plain generator give them, and derivatives through them. */

import {
  cast,
  constant,
  dropout,
  foldIn,
  randomBernoulli,
  randomBits,
  randomCategorical,
  randomKey,
  randomNormal,
  randomPermutation,
  randomTruncatedNormal,
  randomUniform,
  splitKey,
  threefry,
} from "@adjoint/core";
import { type Cases, float, integers, points } from "./case.js";

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** Threefry-2x32 with 20 rounds in 32-bit arithmetic of BigInt. */
function words(key: readonly number[], counter: readonly number[]): [number, number] {
  const mask = 0xffffffffn;
  const [k0, k1] = [BigInt(key[0] ?? 0), BigInt(key[1] ?? 0)];
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bdan];
  let x = (BigInt(counter[0] ?? 0) + k0) & mask;
  let y = (BigInt(counter[1] ?? 0) + k1) & mask;
  for (let round = 0; round < 20; round++) {
    const r = BigInt(rotations[round % 8] ?? 0);
    x = (x + y) & mask;
    y = (((y << r) | (y >> (32n - r))) & mask) ^ x;
    if (round % 4 !== 3) continue;
    const s = (round + 1) / 4;
    x = (x + (keys[s % 3] ?? 0n)) & mask;
    y = (y + (keys[(s + 1) % 3] ?? 0n) + BigInt(s)) & mask;
  }
  return [Number(x), Number(y)];
}

const count = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
const key = integers([2], [7, 4000000000], 0, "uint32");
const given = [7, 4000000000];

/** Multiples of 2^-53 of the i-th counter, as float64 results have them. */
function unit(i: number, purpose = 0): number {
  const [high, low] = words(given, [i, purpose]);
  return (Math.floor(high / 32) * 2 ** 26 + Math.floor(low / 64)) / 2 ** 53;
}

const word = (elements: readonly number[]) => constant(elements, { dtype: "uint32" });

export const random = {
  threefry: [
    // The known answers of Random123 for threefry2x32, 20 rounds.
    {
      operands: [],
      build: () => {
        const zero = word([0]);
        return [threefry([zero, zero], [zero, zero]), threefry([zero, zero], [zero, zero], 1)];
      },
      value: [[0x6b200159], [0x99ba4efe]],
    },
    {
      operands: [],
      build: () => {
        const ones = word([0xffffffff]);
        return [threefry([ones, ones], [ones, ones]), threefry([ones, ones], [ones, ones], 1)];
      },
      value: [[0x1cb996fc], [0xbb002be7]],
    },
    {
      operands: [],
      build: () =>
        threefry([word([0x13198a2e]), word([0x03707344])], [word([0x243f6a88]), word([0x85a308d3])]),
      value: [0xc4923a9c],
    },
    {
      title: "counters that broadcast",
      operands: [integers([3, 1], 0, 100, "uint32"), integers([2], 0, 100, "uint32")],
      build: (a, b) => threefry([word([1]), word([2])], [a, b], 1),
      value: (a, b) => a.data.flatMap((x) => b.data.map((y) => words([1, 2], [x, y])[1])),
    },
  ],
  randomKey: [{ operands: [], build: () => randomKey(5 + 3 * 2 ** 32), value: [5, 3] }],
  randomBits: [
    {
      operands: [key],
      build: (k) => randomBits(k, [2, 3]),
      value: count(6).map((i) => words(given, [i, 0])[0]),
      shape: [2, 3],
    },
  ],
  foldIn: [
    { operands: [key], build: (k) => foldIn(k, 9), value: words(given, [9, 0xffffffff]) },
    {
      title: "a counter",
      operands: [key, integers([], [12])],
      build: (k, step) => foldIn(k, step),
      value: words(given, [12, 0xffffffff]),
    },
  ],
  splitKey: [
    {
      operands: [key],
      build: (k) => splitKey(k),
      value: [words(given, [0, 0xffffffff]), words(given, [1, 0xffffffff])],
    },
  ],
  randomUniform: [
    {
      operands: [key],
      build: (k) => randomUniform(k, [5], { dtype: "float64" }),
      value: count(5).map((i) => unit(i)),
    },
    {
      operands: [key],
      build: (k) => randomUniform(k, [2, 2], { low: -1, high: 3 }),
      value: count(4).map((i) => -1 + 4 * (Math.floor((words(given, [i, 0])[0] ?? 0) / 256) / 2 ** 24)),
    },
    {
      title: "float16",
      operands: [key],
      build: (k) => randomUniform(k, [3], { dtype: "float16" }),
      value: count(3).map((i) => Math.floor((words(given, [i, 0])[0] ?? 0) / 2 ** 21) / 2 ** 11),
    },
  ],
  randomNormal: [
    {
      operands: [key],
      build: (k) => randomNormal(k, [6], { mean: 2, std: 3, dtype: "float64" }),
      value: count(6).map(
        (i) => 2 + 3 * Math.sqrt(-2 * Math.log(1 - unit(i))) * Math.cos(2 * Math.PI * unit(i, 1)),
      ),
    },
  ],
  randomTruncatedNormal: [
    {
      operands: [key],
      build: (k) => {
        const x = randomTruncatedNormal(k, [40], { low: -1, high: 0.5, dtype: "float64" });
        return x;
      },
      shape: [40],
      value: count(40).map((i) => quantile(i)),
      tolerance: { value: 1e-8 },
    },
  ],
  randomBernoulli: [
    {
      operands: [key],
      build: (k) => randomBernoulli(k, [8], 0.3),
      value: count(8).map((i) => Number(Math.floor((words(given, [i, 0])[0] ?? 0) / 256) / 2 ** 24 < 0.3)),
    },
    {
      title: "probabilities",
      operands: [key, points([0, 1, 0, 1])],
      order: 0,
      build: (k, p) => randomBernoulli(k, [4], p),
      value: [0, 1, 0, 1],
    },
  ],
  randomCategorical: [
    {
      operands: [key, float([4, 3])],
      order: 0,
      build: (k, logits) => randomCategorical(k, logits),
      shape: [4],
    },
    {
      title: "certain",
      operands: [key, points([-Infinity, 0, -Infinity, 5, -Infinity, -Infinity], [2, 3])],
      order: 0,
      build: (k, logits) => randomCategorical(k, logits),
      value: [1, 0],
    },
  ],
  randomPermutation: [
    {
      operands: [key],
      build: (k) => randomPermutation(k, 9),
      value: count(9).sort((i, j) => (words(given, [i, 0])[0] ?? 0) - (words(given, [j, 0])[0] ?? 0)),
    },
  ],
  dropout: [
    {
      operands: [float([12]), key],
      build: (x, k) => dropout(x, k, 0.25),
      value: (x) =>
        x.data.map((e, i) =>
          Math.floor((words(given, [i, 0])[0] ?? 0) / 256) / 2 ** 24 < 0.75 ? e / 0.75 : 0,
        ),
    },
    {
      title: "nothing",
      operands: [float([3]), key],
      build: (x, k) => dropout(x, k, 0),
      value: (x) => [...x.data],
    },
    { title: "everything", operands: [float([3]), key], build: (x, k) => dropout(x, k, 1), value: [0, 0, 0] },
    {
      title: "integers are converted first",
      operands: [integers([2], [1, 2]), key],
      build: (x, k) => dropout(cast(x, "float32"), k, 1),
      value: [0, 0],
    },
  ],
} satisfies Cases;

/** The unit(i)-quantile of a standard normal number in [-1, 0.5], by bisection of Simpson's integral of the density. */
function quantile(i: number): number {
  const whole = mass(-1, 0.5);
  let [low, high] = [-1, 0.5];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (mass(-1, middle) < unit(i) * whole) low = middle;
    else high = middle;
  }
  return low;
}

function mass(from: number, to: number): number {
  const steps = 200;
  const width = (to - from) / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((from + k * width) ** 2) / 2);
  }
  return (sum * width) / 3;
}
