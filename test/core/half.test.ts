// Halves: every one of them survives the way through numbers, and numbers between two go to the nearer or the even one.

import { halfBits, halfValue } from "@adjoint/core/kernel";
import { expect, test } from "vitest";

test("the bits of every half are those of its value", () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = halfValue(bits);
    if (!Number.isNaN(value) && halfBits(value) !== bits) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
  expect(Number.isNaN(halfValue(halfBits(Number.NaN)))).toBe(true);
});

test("numbers round to the nearest half, ties to even, beyond the largest to infinity", () => {
  const cases: readonly (readonly [number, number])[] = [
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    [65519, 65504],
    [65520, Number.POSITIVE_INFINITY],
    [-1e9, Number.NEGATIVE_INFINITY],
    [2 ** -25, 0],
    [3 * 2 ** -26, 2 ** -24],
    [2047.9999, 2048],
  ];
  for (const [value, expected] of cases) expect(halfValue(halfBits(value))).toBe(expected);
  expect(Object.is(halfValue(halfBits(-0)), -0)).toBe(true);
});
