// The digits to train on: drawn, or from the IDX files that were dropped on the page.

import { type DigitSets, split } from "examples/textbook-mlp/dataset.js";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import { DataError } from "examples/textbook-mlp/errors.js";
import type { Contents } from "examples/textbook-mlp/file.js";
import { digitsIn } from "examples/textbook-mlp/idx.js";

/** As many as MNIST's test set, split alike. */
const drawn = { count: 10_000, train: 8_000 };

/** The digits in the files, or drawn ones where there are none. @throws DataError for files that are no digits. */
export async function digitsFrom(files: readonly File[], seed: number): Promise<DigitSets> {
  if (files.length === 0) return split(drawDigits({ count: drawn.count, seed }), drawn.train);
  const contents = new Map<string, Contents>();
  for (const file of files) contents.set(file.name, await unpacked(file));
  return digitsIn({
    place: "the chosen files",
    names: [...contents.keys()].sort(),
    path: (name) => name,
    read: (name) => {
      const found = contents.get(name);
      if (found === undefined) throw new DataError({ file: name }, "is not among the chosen files");
      return found;
    },
  });
}

async function unpacked(file: File): Promise<Contents> {
  const bytes = await read(file, file.stream());
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return { file: file.name, bytes, unpacked: false };
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return { file: file.name, bytes: await read(file, stream), unpacked: true };
}

async function read(file: File, stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError({ file: file.name }, `cannot be read or unpacked: ${reason}`);
  }
}
