// IDX files made of drawn digits, as a user would choose them.

import { gzipSync } from "node:zlib";
import type { Digits } from "examples/textbook-mlp/dataset.js";
import { side } from "examples/textbook-mlp/dataset.js";

export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The images, gzip, and the labels, plain, under MNIST's names of its test set. */
export function idxFiles({ images, labels }: Digits): [images: ChosenFile, labels: ChosenFile] {
  const pixels = Buffer.from(Uint8Array.from(images, (value) => Math.round(255 * value)));
  const imagesFile = Buffer.concat([header(0x803, labels.length, side, side), pixels]);
  const labelsFile = Buffer.concat([header(0x801, labels.length), Buffer.from(Uint8Array.from(labels))]);
  return [
    { name: "t10k-images-idx3-ubyte.gz", mimeType: "application/gzip", buffer: gzipSync(imagesFile) },
    { name: "t10k-labels-idx1-ubyte", mimeType: "application/octet-stream", buffer: labelsFile },
  ];
}

function header(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length);
  for (const [i, word] of words.entries()) bytes.writeUInt32BE(word, 4 * i);
  return bytes;
}
