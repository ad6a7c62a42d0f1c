/** Cases of arithmetic with two operands. */

import { add, div, mul, neg, sub } from "@adjoint/core";
import { type Cases, float, integers, points } from "./case.js";
import { each, pairwise } from "./expect.js";

export const arithmetic = {
  add: [
    { operands: [float([2, 3]), float([2, 3])], build: (a, b) => add(a, b), value: pairwise((a, b) => a + b) },
    { operands: [float([2, 1, 3]), float([4, 1])], build: (a, b) => add(a, b), shape: [2, 4, 3] },
  ],
  sub: [{ operands: [float([3, 1]), float([4])], build: (a, b) => sub(a, b), value: pairwise((a, b) => a - b) }],
  mul: [
    { operands: [float([3, 1]), float([1, 4])], build: (a, b) => mul(a, b), value: pairwise((a, b) => a * b) },
    { title: "empty", operands: [float([0, 3]), float([3])], build: (a, b) => mul(a, b), value: [] },
  ],
  div: [
    { operands: [float([3, 1]), float([1, 4], 0.3, 2)], build: (a, b) => div(a, b), value: pairwise((a, b) => a / b) },
    {
      title: "integers",
      operands: [integers([6], [7, -7, 7, -7, 5, -2147483648]), integers([6], [2, 2, -2, -2, 0, -1])],
      build: (a, b) => div(a, b),
      value: [3, -3, -3, 3, 0, -2147483648],
    },
    {
      title: "by zero",
      operands: [points([1, -1]), points([0, 0])],
      order: 0,
      build: (a, b) => div(a, b),
      value: [Infinity, -Infinity],
    },
  ],
  neg: [{ operands: [float([5])], build: (x) => neg(x), value: each((x) => -x) }],
} satisfies Cases;
