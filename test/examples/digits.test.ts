import { createHash } from "node:crypto";
import { batches } from "examples/textbook-mlp/batches.js";
import { type DigitSets, pixels, split } from "examples/textbook-mlp/dataset.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { describe, expect, it } from "vitest";

describe("drawDigits", () => {
  it("draws the pixels that it always drew", () => {
    const { images, labels } = drawDigits({ count: 500, seed: 1 });
    const grays = Uint8Array.from(images, (gray) => Math.round(gray * 255));
    const checksum = createHash("sha256").update(grays).update(Uint8Array.from(labels)).digest("hex");
    expect(checksum).toBe("92778fca3893454cf2f4f399183c6562b7bcc691d2245caacd80483cadfcfbc2");
  });

  it("gives whole gray steps from 0 to 1, and every label", () => {
    const { images, labels } = drawDigits({ count: 300, seed: 2 });
    expect(images).toHaveLength(300 * 784);
    expect(labels).toHaveLength(300);
    expect(images.every((gray) => gray === Math.fround(Math.round(gray * 255) / 255))).toBe(true);
    expect(images.every((gray) => gray >= 0 && gray <= 1)).toBe(true);
    expect([...new Set(labels)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("begins a longer draw with a shorter one", () => {
    const short = drawDigits({ count: 20, seed: 9 });
    const long = drawDigits({ count: 50, seed: 9 });
    expect(long.images.subarray(0, short.images.length)).toEqual(short.images);
    expect(long.labels.subarray(0, 20)).toEqual(short.labels);
  });

  it("draws other digits for another seed", () => {
    expect(drawDigits({ count: 20, seed: 3 }).images).not.toEqual(drawDigits({ count: 20, seed: 4 }).images);
  });

  it("leaves a linear model clearly below what a network reaches", () => {
    const accuracy = linearAccuracy(split(drawDigits({ count: 10_000, seed: 1 }), 8000));
    expect(accuracy).toBeGreaterThan(0.78);
    expect(accuracy).toBeLessThan(0.9);
  });
});

/** The test accuracy of multinomial logistic regression after three epochs of gradient descent. */
function linearAccuracy({ train, test }: DigitSets): number {
  const weights = Array.from({ length: 10 }, () => new Float32Array(pixels));
  const scores = (image: Float32Array): number[] =>
    weights.map((row) => {
      let score = 0;
      for (let i = 0; i < pixels; i++) score += (row[i] ?? 0) * (image[i] ?? 0);
      return score;
    });
  for (let epoch = 0; epoch < 3; epoch++) {
    for (const { x, y } of batches(train, { batch: 8, seed: 1, epoch })) {
      for (const [example, label] of y.entries()) {
        const image = x.subarray(example * pixels, (example + 1) * pixels);
        const powers = scores(image).map(Math.exp);
        const total = powers.reduce((sum, power) => sum + power, 0);
        for (const [digit, row] of weights.entries()) {
          const slope = 0.02 * ((powers[digit] ?? 0) / total - (digit === label ? 1 : 0));
          for (let i = 0; i < pixels; i++) row[i] = (row[i] ?? 0) - slope * (image[i] ?? 0);
        }
      }
    }
  }
  let right = 0;
  for (const [example, label] of test.labels.entries()) {
    const found = scores(test.images.subarray(example * pixels, (example + 1) * pixels));
    if (found.indexOf(Math.max(...found)) === label) right++;
  }
  return right / test.labels.length;
}
