/** Comparison of lists of numbers that names the worst element. NaN equals NaN only, infinities only themselves. */

import { expect } from "vitest";

/** `element`: relative to each expected magnitude, at least 1. `list`: relative to the largest finite expected one. */
export type Scale = "element" | "list";

/** Fails when any element is farther from the expected than the tolerance allows. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  scale: Scale = "element",
): void {
  expect(actual.length, `${what}: number of elements`).toBe(expected.length);
  const largest = Array.from(expected).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  let worst = { error: 0, message: "" };
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] ?? Number.NaN;
    const e = expected[i] ?? Number.NaN;
    if (Object.is(a, e) || a === e) continue;
    const magnitude = scale === "list" ? largest : Math.max(1, Math.abs(e));
    const error =
      Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) / magnitude : Number.POSITIVE_INFINITY;
    if (error > worst.error) worst = { error, message: `${what}: element ${i} is ${a}, expected ${e}` };
  }
  expect(worst.error, worst.message).toBeLessThanOrEqual(tolerance);
}

/** Fails when an element is NaN. */
export function expectNumbers(actual: ArrayLike<number>, what: string): void {
  const position = Array.from(actual).findIndex((value) => Number.isNaN(value));
  expect(position, `${what}: element ${position} is NaN`).toBe(-1);
}
