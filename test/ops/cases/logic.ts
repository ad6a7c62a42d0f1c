/** Cases of logical and bitwise operations and of tests for numbers that are none. */

import {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  isFinite as isFiniteNumber,
  isInfinite,
  isNaN as isNotNumber,
  leftShift,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  rightShift,
} from "@adjoint/core";
import { booleans, type Cases, integers, points } from "./case.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const bits = [booleans([4], [0, 0, 1, 1]), booleans([4], [0, 1, 0, 1])];
const words = [integers([3], [0b1100, -1, 2147483647]), integers([3], [0b1010, 7, -2147483648])];
const unsigned = [
  integers([2], [0xffffffff, 0b1100], 0, "uint32"),
  integers([2], [0x0f0f0f0f, 0b1010], 0, "uint32"),
];
const numbers = [points([0, nan, infinity, -infinity, 1e30])];

export const logic = {
  logicalAnd: [{ operands: bits, build: (a, b) => logicalAnd(a, b), value: [0, 0, 0, 1] }],
  logicalOr: [{ operands: bits, build: (a, b) => logicalOr(a, b), value: [0, 1, 1, 1] }],
  logicalXor: [{ operands: bits, build: (a, b) => logicalXor(a, b), value: [0, 1, 1, 0] }],
  logicalNot: [{ operands: [booleans([2], [0, 1])], build: (x) => logicalNot(x), value: [1, 0] }],
  bitwiseAnd: [
    { operands: words, build: (a, b) => bitwiseAnd(a, b), value: [0b1000, 7, 0] },
    { operands: unsigned, build: (a, b) => bitwiseAnd(a, b), value: [0x0f0f0f0f, 0b1000] },
  ],
  bitwiseOr: [{ operands: words, build: (a, b) => bitwiseOr(a, b), value: [0b1110, -1, -1] }],
  bitwiseXor: [
    { operands: words, build: (a, b) => bitwiseXor(a, b), value: [0b0110, -8, -1] },
    { operands: unsigned, build: (a, b) => bitwiseXor(a, b), value: [0xf0f0f0f0, 0b0110] },
  ],
  bitwiseNot: [
    { operands: [integers([3], [0, -1, 5])], build: (x) => bitwiseNot(x), value: [-1, 0, -6] },
    {
      operands: [integers([2], [0, 5], 0, "uint32")],
      build: (x) => bitwiseNot(x),
      value: [0xffffffff, 0xfffffffa],
    },
  ],
  leftShift: [
    {
      operands: [integers([4], [1, 3, -1, 1]), integers([4], [4, 30, 31, 33])],
      build: (a, b) => leftShift(a, b),
      value: [16, -1073741824, -2147483648, 2],
    },
  ],
  rightShift: [
    {
      operands: [integers([3], [16, -16, 1]), integers([3], [2, 2, 33])],
      build: (a, b) => rightShift(a, b),
      value: [4, -4, 0],
    },
    {
      title: "unsigned",
      operands: [integers([2], [0xfffffff0, 16], 0, "uint32"), integers([2], [4, 1], 0, "uint32")],
      build: (a, b) => rightShift(a, b),
      value: [0x0fffffff, 8],
    },
  ],
  isNaN: [{ operands: numbers, build: (x) => isNotNumber(x), value: [0, 1, 0, 0, 0] }],
  isFinite: [{ operands: numbers, build: (x) => isFiniteNumber(x), value: [1, 0, 0, 0, 1] }],
  isInfinite: [{ operands: numbers, build: (x) => isInfinite(x), value: [0, 0, 1, 1, 0] }],
} satisfies Cases;
