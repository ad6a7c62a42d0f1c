import { batchCount, batches } from "examples/textbook-mlp/batches.js";
import { type Digits, pixels, split } from "examples/textbook-mlp/dataset.js";
import { OptionError } from "examples/textbook-mlp/errors.js";
import { describe, expect, it } from "vitest";
import { caught } from "./caught.js";

/** Digits that can be told apart: every pixel of the i-th is i, its label i modulo 10. */
function numbered(count: number): Digits {
  return {
    images: Float32Array.from({ length: count * pixels }, (_, i) => Math.floor(i / pixels)),
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  };
}

/** Which digits an epoch dealt, in order; fails when an image is not whole or has not its own label. */
function dealt(digits: Digits, batch: number, seed: number, epoch: number): number[] {
  return [...batches(digits, { batch, seed, epoch })].flatMap(({ x, y }) => {
    expect(x).toHaveLength(batch * pixels);
    return Array.from(y, (label, i) => {
      const image = x.subarray(i * pixels, (i + 1) * pixels);
      const digit = image[0] ?? Number.NaN;
      expect(image.every((gray) => gray === digit)).toBe(true);
      expect(label).toBe(digit % 10);
      return digit;
    });
  });
}

describe("batches", () => {
  it("deals each digit once, in an order of its own for each seed and epoch", () => {
    const digits = numbered(60);
    const order = dealt(digits, 20, 1, 0);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(dealt(digits, 20, 1, 0)).toEqual(order);
    expect(dealt(digits, 20, 1, 1)).not.toEqual(order);
    expect(dealt(digits, 20, 2, 0)).not.toEqual(order);
  });

  it("leaves out what does not fill a batch, others in each epoch", () => {
    const digits = numbered(50);
    expect(batchCount(digits, 16)).toBe(3);
    const first = dealt(digits, 16, 1, 0);
    const second = dealt(digits, 16, 1, 1);
    expect(new Set(first).size).toBe(48);
    expect(new Set([...first, ...second]).size).toBeGreaterThan(48);
  });

  it("makes a batch only when asked, in arrays of its own", () => {
    const digits = numbered(40);
    const epoch = batches(digits, { batch: 20, seed: 1, epoch: 0 });
    digits.labels.fill(7);
    const first = epoch.next().value;
    digits.labels.fill(8);
    const second = epoch.next().value;
    expect(first?.y).toEqual(new Int32Array(20).fill(7));
    expect(second?.y).toEqual(new Int32Array(20).fill(8));
    expect(epoch.next().done).toBe(true);
  });

  it("deals from part of a set as from a whole one", () => {
    const { train } = split(numbered(30), 20);
    expect(dealt(train, 20, 1, 0).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("refuses a batch larger than the set at once", () => {
    const error = caught(OptionError, () => batches(numbered(10), { batch: 11, seed: 1, epoch: 0 }));
    expect(error.message).toBe("--batch: 11 is more than the 10 digits to train with");
  });
});
