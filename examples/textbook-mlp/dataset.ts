// What a set of labeled images is, wherever it comes from. Knows neither files nor drawing.

/** The width and the height of an image, in pixels. */
export const side = 28;
/** The pixels of an image, row by row. */
export const pixels: number = side * side;
/** How many digits there are to tell apart. */
export const classes = 10;

/** Labeled images: `images` holds labels.length × 784 gray values from 0 to 1, `labels` integers from 0 to 9. */
export interface Digits {
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** Digits to learn from, and others to be tested with. */
export interface DigitSets {
  readonly train: Digits;
  readonly test: Digits;
}

/** The first `count` digits to train with, the rest to test with; views of the same memory, not copies. */
export function split({ images, labels }: Digits, count: number): DigitSets {
  return {
    train: { images: images.subarray(0, count * pixels), labels: labels.subarray(0, count) },
    test: { images: images.subarray(count * pixels), labels: labels.subarray(count) },
  };
}
