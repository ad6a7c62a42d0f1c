// Uses the trained network: which digit it takes each image for, and how often that is right. Trains nothing.

import type { Program } from "@adjoint/scheduler";
import { classes, type Digits, pixels } from "./dataset.js";

/** Images per prediction: a set goes through in blocks of this many. */
export const block = 250;

/** The digit with the highest score, by image; `images` holds whole images of 784 gray values. */
export async function predictions(predict: Program<"x", "o">, images: Float32Array): Promise<Uint8Array> {
  const count = images.length / pixels;
  const digits = new Uint8Array(count);
  for (let start = 0; start < count; start += block) {
    const x = new Float32Array(block * pixels);
    x.set(images.subarray(start * pixels, (start + block) * pixels));
    const { data } = (await predict.run({ x })).o;
    for (let row = 0; row < Math.min(block, count - start); row++) {
      const scores = [...data.slice(row * classes, (row + 1) * classes)];
      digits[start + row] = scores.indexOf(Math.max(...scores));
    }
  }
  return digits;
}

/** The share of digits that are as labeled. */
export function accuracy(found: Uint8Array, { labels }: Digits): number {
  return found.filter((digit, i) => digit === labels[i]).length / labels.length;
}
