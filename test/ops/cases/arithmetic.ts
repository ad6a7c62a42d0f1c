/** Cases of arithmetic, comparison and choice. */

import {
  add,
  cast,
  chain,
  clip,
  div,
  equal,
  fmax,
  fmin,
  greater,
  greaterEqual,
  lerp,
  less,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  type Node,
  neg,
  notEqual,
  reciprocal,
  sqrt,
  sub,
  where,
  zerosLike,
} from "@adjoint/core";
import { booleans, type Case, type Cases, fixed, float, integers, points } from "./case.js";
import { each, pairwise } from "./expect.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

function comparison(build: (a: Node, b: Node) => Node, value: (a: number, b: number) => boolean): Case[] {
  const special = [0, -0, 1, nan, infinity, -infinity, nan, 2];
  const others = [-0, 0, 1, 1, infinity, infinity, nan, 1];
  const numbers = pairwise((a = 0, b = 0) => Number(value(a, b)));
  return [
    { title: "special", operands: [points(special), points(others)], build, value: numbers },
    { operands: [integers([3, 1], -2, 2), integers([5], -2, 2)], build, value: numbers },
  ];
}

export const arithmetic = {
  add: [
    {
      operands: [float([2, 3]), float([2, 3])],
      build: (a, b) => add(a, b),
      value: pairwise((a = 0, b = 0) => a + b),
    },
    { operands: [float([2, 1, 3]), float([4, 1])], build: (a, b) => add(a, b), shape: [2, 4, 3] },
    {
      title: "integers wrap",
      operands: [integers([2], [2147483647, -5]), integers([2], [1, 7])],
      build: (a, b) => add(a, b),
      value: [-2147483648, 2],
    },
  ],
  sub: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => sub(a, b),
      value: pairwise((a = 0, b = 0) => a - b),
    },
    { title: "with a literal", operands: [float([1])], build: (x) => sub(1, x), value: each((x) => 1 - x) },
  ],
  mul: [
    {
      operands: [float([3, 1]), float([1, 4])],
      build: (a, b) => mul(a, b),
      value: pairwise((a = 0, b = 0) => a * b),
    },
    { title: "empty", operands: [float([0, 3]), float([3])], build: (a, b) => mul(a, b), value: [] },
  ],
  div: [
    {
      operands: [float([3, 1]), float([1, 4], 0.3, 2)],
      build: (a, b) => div(a, b),
      value: pairwise((a = 0, b = 0) => a / b),
    },
    {
      title: "integers",
      operands: [integers([6], [7, -7, 7, -7, 5, -2147483648]), integers([6], [2, 2, -2, -2, 0, -1])],
      build: (a, b) => div(a, b),
      value: [3, -3, -3, 3, 0, -2147483648],
    },
    {
      title: "a pole in the branch not taken",
      operands: [points([1, 2, 0]), points([0, 4, 0])],
      order: 0,
      build: (a, b) => where(equal(b, 0), 0, div(a, b)),
      value: [0, 0.5, 0],
      gradients: [
        [0, 0.25, 0],
        [0, -0.125, 0],
      ],
    },
  ],
  neg: [
    { operands: [float([5])], build: (x) => neg(x), value: each((x) => -x) },
    {
      title: "integers",
      operands: [integers([3], [5, 0, -2147483648])],
      build: (x) => neg(x),
      value: [-5, 0, -2147483648],
    },
    {
      title: "unsigned integers",
      operands: [integers([3], [1, 0, 4294967295], 0, "uint32")],
      build: (x) => neg(x),
      value: [4294967295, 0, 1],
    },
  ],
  reciprocal: [
    { operands: [float([5], 0.3, 2)], build: (x) => reciprocal(x), value: each((x) => 1 / x) },
    {
      title: "at 0 and far out",
      operands: [points([0, -0, infinity, 1e30])],
      order: 0,
      build: (x) => reciprocal(x),
      value: [infinity, -infinity, 0, 1e-30],
      gradients: [[-infinity, -infinity, 0, -1e-60]],
    },
  ],
  chain: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => chain(a, b),
      value: pairwise((a = 0, b = 0) => a * b),
    },
    {
      title: "poles and zeros",
      operands: [points([0, 0, -0, 1, 0]), points([infinity, nan, -infinity, infinity, 3])],
      order: 0,
      build: (a, b) => chain(a, b),
      value: [0, 0, 0, infinity, 0],
    },
    {
      title: "a zero adjoint keeps its own derivative",
      operands: [points([0, 0]), points([3, -2])],
      order: 0,
      build: (a, b) => chain(a, b),
      value: [0, 0],
      gradients: [
        [3, -2],
        [0, 0],
      ],
    },
  ],
  maximum: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => maximum(a, b),
      value: pairwise((a = 0, b = 0) => Math.max(a, b)),
    },
    {
      title: "ties",
      operands: [points([1, 0, 2]), points([1, -0, 3])],
      order: 0,
      build: (a, b) => maximum(a, b),
      value: [1, 0, 3],
      gradients: [
        [0.5, 0.5, 0],
        [0.5, 0.5, 1],
      ],
    },
    {
      title: "NaN",
      operands: [points([nan, 1, -infinity]), points([1, nan, -infinity])],
      order: 0,
      build: (a, b) => maximum(a, b),
      value: [nan, nan, -infinity],
    },
  ],
  minimum: [
    {
      operands: [float([3, 1]), float([4])],
      build: (a, b) => minimum(a, b),
      value: pairwise((a = 0, b = 0) => Math.min(a, b)),
    },
    {
      title: "ties",
      operands: [points([1, 0, 2]), points([1, -0, 3])],
      order: 0,
      build: (a, b) => minimum(a, b),
      value: [1, 0, 2],
      gradients: [
        [0.5, 0.5, 1],
        [0.5, 0.5, 0],
      ],
    },
    { operands: [integers([4], -5, 5), integers([4], -5, 5)], build: (a, b) => minimum(a, b) },
  ],
  fmax: [
    { operands: [float([3, 1]), float([4])], build: (a, b) => fmax(a, b) },
    {
      title: "NaN and ties",
      operands: [points([nan, 1, nan, 2]), points([1, nan, nan, 2])],
      order: 0,
      build: (a, b) => fmax(a, b),
      value: [1, 1, nan, 2],
      gradients: [
        [0, 1, 1, 1],
        [1, 0, 0, 0],
      ],
    },
  ],
  fmin: [
    { operands: [float([3, 1]), float([4])], build: (a, b) => fmin(a, b) },
    {
      title: "NaN and ties",
      operands: [points([nan, 1, nan, 2]), points([1, nan, nan, 2])],
      order: 0,
      build: (a, b) => fmin(a, b),
      value: [1, 1, nan, 2],
      gradients: [
        [0, 1, 1, 1],
        [1, 0, 0, 0],
      ],
    },
  ],
  clip: [
    {
      operands: [float([9])],
      build: (x) => clip(x, -1, 0.5),
      value: each((x) => Math.min(Math.max(x, -1), 0.5)),
    },
    {
      title: "broadcast limits",
      operands: [float([3, 4]), float([3, 1], -2, 0), float([4], -0.5, 2)],
      build: (x, low, high) => clip(x, low, high),
      value: pairwise((x = 0, low = 0, high = 0) => Math.min(Math.max(x, low), high)),
    },
    {
      title: "at the limits, crossed limits and NaN",
      operands: [points([1, 3, 0, 5, nan]), points([1, 1, 1, 4, 0]), points([3, 3, 3, 2, 1])],
      order: 0,
      build: (x, low, high) => clip(x, low, high),
      value: [1, 3, 1, 2, nan],
      gradients: [
        [1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 1, 1],
      ],
    },
    { title: "integers", operands: [integers([5], -9, 9)], build: (x) => clip(x, -3, 3) },
  ],
  lerp: [
    {
      operands: [float([3, 1]), float([4]), float([1, 4])],
      build: (a, b, weight) => lerp(a, b, weight),
      value: pairwise((a = 0, b = 0, weight = 0) => a + weight * (b - a)),
      tolerance: { value: 1e-14 },
    },
  ],
  equal: comparison(equal, (a, b) => a === b),
  notEqual: comparison(notEqual, (a, b) => a !== b),
  less: comparison(less, (a, b) => a < b),
  lessEqual: comparison(lessEqual, (a, b) => a <= b),
  greater: comparison(greater, (a, b) => a > b),
  greaterEqual: comparison(greaterEqual, (a, b) => a >= b),
  where: [
    {
      operands: [booleans([3, 1]), float([4]), float([3, 4])],
      build: (condition, a, b) => where(condition, a, b),
      value: pairwise((condition = 0, a = 0, b = 0) => (condition ? a : b)),
    },
    {
      title: "no NaN leaks from the branch not taken",
      operands: [points([-1, 0, 4])],
      order: 0,
      build: (x) => where(greater(x, 0), add(sqrt(x), log(x)), x),
      value: [-1, 0, 2 + Math.log(4)],
      gradients: [[1, 1, 0.5]],
    },
  ],
  cast: [
    {
      title: "saturates",
      operands: [points([1.7, -1.7, 3e9, -3e9, nan, infinity])],
      build: (x) => cast(x, "int32"),
      value: [1, -1, 2147483647, -2147483648, 0, 2147483647],
    },
    { operands: [points([0, -0, 2, nan])], build: (x) => cast(x, "bool"), value: [0, 0, 1, 1] },
    { operands: [booleans([4])], build: (x) => cast(x, "float32") },
    { operands: [integers([3], [-1, 0, 7])], build: (x) => cast(x, "uint32"), value: [0, 0, 7] },
  ],
  zerosLike: [{ operands: [fixed(float([3]))], build: (x) => zerosLike(x), value: [0], shape: [] }],
} satisfies Cases;
