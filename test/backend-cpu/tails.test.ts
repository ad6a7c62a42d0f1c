// The tanh form of gelu in float32 where 1 + tanh would have no digits left, relative to its own value, and so its derivatives;
// and what it makes of zeros, infinities and NaN.

import { gelu, graph, input, sum } from "@adjoint/core";
import { compile, gradient } from "@adjoint/scheduler";
import { expect, test } from "vitest";
import { backends } from "./engine.js";

const root = Math.sqrt(2 / Math.PI);
const gate = (x: number): number => 1 / (1 + Math.exp(-2 * root * (x + 0.044715 * x ** 3)));
const growth = (x: number): number => 2 * root * (1 + 3 * 0.044715 * x * x);
const slopeOf = (x: number): number => gate(x) * (1 + x * (1 - gate(x)) * growth(x));
/** Central differences of the slope, which is known to sixteen digits. */
const curveOf = (x: number): number => (slopeOf(x + 1e-5) - slopeOf(x - 1e-5)) / 2e-5;

function worst(got: ArrayLike<number>, points: Float32Array, wanted: (x: number) => number): number {
  const errors = Array.from(points, (x, i) => Math.abs((got[i] ?? Number.NaN) / wanted(x) - 1));
  return Math.max(...errors);
}

const all = await backends();

test.each(all)("gelu and its derivatives have digits in the left tail on %s", async (_, backend) => {
  const points = Float32Array.from({ length: 257 }, (_, i) => -8.5 + i / 32 + 1 / 128);
  const x = input("x", [points.length]);
  const [slope] = gradient(sum(gelu(x, "tanh")), [x]);
  const [curve] = gradient(sum(slope), [x]);
  const session = await compile(graph({ outputs: { y: gelu(x, "tanh"), slope, curve } }), { backend });
  const got = await session.run({ x: points });
  expect(worst(got.y.data, points, (at) => at * gate(at))).toBeLessThan(2e-5);
  // Near −0.75 the slope is 0, and near ±1.4 the curvature.
  const tail = points.filter((at) => at < -2);
  expect(worst(got.slope.data, tail, slopeOf)).toBeLessThan(4e-5);
  // The square of the logistic function, which the curvature is made of, has digits to about −7.
  const from = points.findIndex((at) => at > -7);
  const nearer = points.filter((at) => at > -7 && at < -2);
  expect(worst(got.curve.data.slice(from), nearer, curveOf)).toBeLessThan(1e-4);
  await session.dispose();
});

test.each(all)("gelu of what is special on %s", async (_, backend) => {
  const points = Float32Array.of(0, -0, Number.POSITIVE_INFINITY, Number.NaN, -1e30, -40, 1e30, 40, 1e-40);
  const x = input("x", [points.length]);
  const [slope] = gradient(sum(gelu(x, "tanh")), [x]);
  const [curve] = gradient(sum(slope), [x]);
  const session = await compile(graph({ outputs: { y: gelu(x, "tanh"), slope, curve } }), { backend });
  const got = await session.run({ x: points });
  const half = Math.fround(1e-40) / 2;
  expect(Array.from(got.y.data)).toEqual([
    0,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    -0,
    -0,
    Math.fround(1e30),
    40,
    half,
  ]);
  expect(Array.from(got.slope.data).map((value) => Math.round(4 * value) / 4 + 0)).toEqual([
    0.5,
    0.5,
    1,
    Number.NaN,
    0,
    0,
    1,
    1,
    0.5,
  ]);
  for (const at of [4, 5, 6, 7]) expect(Math.abs(Number(got.curve.data[at]))).toBeLessThan(1e-30);
  await session.dispose();
});
