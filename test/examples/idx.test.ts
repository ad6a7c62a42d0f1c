import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { DataError } from "examples/textbook-mlp/errors.js";
import { readDigits } from "examples/textbook-mlp/folder.js";
import { describe, expect } from "vitest";
import { caught } from "./caught.js";
import { it } from "./folder.js";

const shared = fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** An IDX file: magic number, sizes, then the bytes. */
function idx(magic: number, sizes: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, bytes]);
}

/** Images whose pixels count up and start over at 256. */
const images = (count: number): Buffer =>
  idx(
    0x803,
    [count, 28, 28],
    Uint8Array.from({ length: count * 784 }, (_, i) => i % 256),
  );
const labels = (count: number): Buffer =>
  idx(
    0x801,
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );

const imagesName = "t10k-images-idx3-ubyte";
const labelsName = "t10k-labels-idx1-ubyte";

function put(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

/** The error of reading a folder: which file, which byte, and what the message says after them. */
function refusal(folder: string): { file: string; offset: number | undefined; problem: string } {
  const error = caught(DataError, () => readDigits(folder));
  expect(error.message).not.toContain("\n");
  const place = `${error.file}${error.offset === undefined ? "" : `, byte ${error.offset}`}: `;
  const message = error.message.replace(", unpacked byte ", ", byte ");
  expect(message.startsWith(place)).toBe(true);
  return { file: basename(error.file), offset: error.offset, problem: message.slice(place.length) };
}

/** The refusal of a folder with a test pair of ten digits in which one file is replaced. */
function refusalOf(folder: string, files: Readonly<Record<string, Uint8Array>>): ReturnType<typeof refusal> {
  put(folder, { [imagesName]: images(10), [labelsName]: labels(10), ...files });
  return refusal(folder);
}

describe("readDigits", () => {
  it("reads a training pair and a test pair", ({ folder }) => {
    put(folder, {
      "train-images-idx3-ubyte": images(3),
      "train-labels-idx1-ubyte": labels(3),
      [imagesName]: images(2),
      [labelsName]: labels(2),
      LICENSE: Buffer.from("not digits"),
    });
    const { train, test } = readDigits(folder);
    expect(train.images).toEqual(Float32Array.from({ length: 3 * 784 }, (_, i) => (i % 256) / 255));
    expect(train.labels).toEqual(Int32Array.of(0, 1, 2));
    expect(test.images).toHaveLength(2 * 784);
    expect(test.labels).toEqual(Int32Array.of(0, 1));
  });

  it("reads gzip, names with a prefix, and names with a dot", ({ folder }) => {
    put(folder, {
      "clothes-train600-images-idx3-ubyte.gz": gzipSync(images(3)),
      "clothes-train600-labels-idx1-ubyte": labels(3),
      "clothes-test300-images.idx3-ubyte": gzipSync(images(2)),
      "clothes-test300-labels.idx1-ubyte.gz": gzipSync(labels(2)),
    });
    const { train, test } = readDigits(folder);
    expect([train.labels.length, test.labels.length]).toEqual([3, 2]);
    expect(test.images).toEqual(train.images.subarray(0, 2 * 784));
  });

  it("splits a test pair alone, four fifths to train with", ({ folder }) => {
    put(folder, { [imagesName]: images(13), [labelsName]: labels(13) });
    const { train, test } = readDigits(folder);
    expect([train.labels.length, test.labels.length]).toEqual([10, 3]);
    expect(train.images).toHaveLength(10 * 784);
    expect(test.images[0]).toBe(Math.fround(((10 * 784) % 256) / 255));
    expect(test.labels).toEqual(Int32Array.of(0, 1, 2));
  });

  const mnist = join(shared, "mnist-10k");
  it.skipIf(!existsSync(mnist))("reads the real MNIST test digits, 8000 and 2000", () => {
    const { train, test } = readDigits(mnist);
    expect([train.labels.length, test.labels.length]).toEqual([8000, 2000]);
    expect(train.labels.subarray(0, 5)).toEqual(Int32Array.of(7, 2, 1, 0, 4));
    expect(Math.max(...train.images.subarray(0, 784))).toBe(1);
  });

  const clothes = join(shared, "fashion-mnist-900");
  it.skipIf(!existsSync(clothes))("reads the real Fashion-MNIST sample, 600 and 300", () => {
    const { train, test } = readDigits(clothes);
    expect([train.labels.length, test.labels.length]).toEqual([600, 300]);
    expect([train.images.length, test.images.length]).toEqual([600 * 784, 300 * 784]);
  });
});

describe("readDigits refuses", () => {
  it("a folder that does not exist", ({ folder }) => {
    expect(refusal(join(folder, "none"))).toEqual({
      file: "none",
      offset: undefined,
      problem: "does not exist",
    });
  });

  it("a file in place of a folder", ({ folder }) => {
    put(folder, { plain: labels(1) });
    expect(refusal(join(folder, "plain")).problem).toBe("is not a folder");
  });

  it("a folder in place of a file", ({ folder }) => {
    mkdirSync(join(folder, imagesName));
    put(folder, { [labelsName]: labels(10) });
    expect(refusal(folder)).toEqual({
      file: imagesName,
      offset: undefined,
      problem: "is a folder, not a file",
    });
  });

  it("a folder without digits, and one without digits to test with", ({ folder }) => {
    const expected = "expected t10k-images-idx3-ubyte[.gz] and its labels";
    expect(refusal(folder).problem).toBe(`holds no digits: ${expected}`);
    put(folder, { "train-images-idx3-ubyte": images(3), "train-labels-idx1-ubyte": labels(3) });
    expect(refusal(folder).problem).toBe(`holds no digits to test with: ${expected}`);
  });

  it("half a pair", ({ folder }) => {
    put(folder, { [`${imagesName}.gz`]: gzipSync(images(10)) });
    expect(refusal(folder)).toEqual({
      file: labelsName,
      offset: undefined,
      problem: 'does not exist, plain or with .gz: the other half of "t10k" is here',
    });
  });

  it("two sets for one role", ({ folder }) => {
    put(folder, { "letters-test-images-idx3-ubyte": images(3) });
    expect(refusalOf(folder, {}).problem).toBe("holds more than one test set (letters-test, t10k): keep one");
  });

  it("a single digit where there must be two", ({ folder }) => {
    expect(refusalOf(folder, { [imagesName]: images(1), [labelsName]: labels(1) }).problem).toMatch(
      /^holds a single/,
    );
  });

  it.for([
    ["no images", imagesName, images(0), 4, "holds no images"],
    ["an empty file", imagesName, Buffer.alloc(0), 0, "truncated: the header takes 16 bytes"],
    ["a truncated header", imagesName, images(10).subarray(0, 9), 9, "truncated: the header takes 16 bytes"],
    [
      "truncated images",
      imagesName,
      images(10).subarray(0, 7000),
      7000,
      "truncated: the header asks for 7856 bytes",
    ],
    [
      "truncated labels",
      labelsName,
      labels(10).subarray(0, 17),
      17,
      "truncated: the header asks for 18 bytes",
    ],
    [
      "trailing bytes after images",
      imagesName,
      Buffer.concat([images(10), Buffer.alloc(5)]),
      7856,
      "5 bytes too many after the last of the images",
    ],
    [
      "trailing bytes after labels",
      labelsName,
      Buffer.concat([labels(10), Buffer.alloc(1)]),
      18,
      "1 bytes too many after the last of the labels",
    ],
    [
      "labels in place of images",
      imagesName,
      labels(10),
      0,
      "wrong magic number 0x00000801: expected 0x00000803 for images",
    ],
    [
      "images in place of labels",
      labelsName,
      images(10),
      0,
      "wrong magic number 0x00000803: expected 0x00000801 for labels",
    ],
    [
      "images of the wrong height",
      imagesName,
      idx(0x803, [10, 27, 28], Buffer.alloc(7560)),
      8,
      "images are 27 rows high, expected 28",
    ],
    [
      "images of the wrong width",
      imagesName,
      idx(0x803, [10, 28, 32], Buffer.alloc(8960)),
      12,
      "images are 32 columns wide, expected 28",
    ],
    [
      "a label out of range",
      labelsName,
      idx(0x801, [10], Uint8Array.of(0, 1, 2, 3, 4, 5, 9, 10, 8, 11)),
      15,
      "label 10 is out of range: expected 0 to 9",
    ],
  ] as const)("%s", ([, name, bytes, offset, problem], { folder }) => {
    expect(refusalOf(folder, { [name]: bytes })).toEqual({ file: name, offset, problem });
  });

  it("another number of labels than of images", ({ folder }) => {
    const { file, offset, problem } = refusalOf(folder, { [labelsName]: labels(9) });
    expect({ file, offset }).toEqual({ file: labelsName, offset: 4 });
    expect(problem).toBe(`9 labels for the 10 images of ${join(folder, imagesName)}`);
  });

  const packed = gzipSync(images(10));

  it("an error inside gzip, saying that it counts unpacked bytes", ({ folder }) => {
    put(folder, { [`${imagesName}.gz`]: gzipSync(images(10).subarray(0, 7000)), [labelsName]: labels(10) });
    expect(caught(DataError, () => readDigits(folder)).message).toContain(", unpacked byte 7000: truncated");
  });

  it("gzip that ends early, at its end", ({ folder }) => {
    put(folder, { [`${imagesName}.gz`]: packed.subarray(0, 100), [labelsName]: labels(10) });
    expect(packed.length).toBeGreaterThan(110);
    expect(refusal(folder)).toEqual({
      file: `${imagesName}.gz`,
      offset: 100,
      problem: "truncated: the gzip data ends early",
    });
  });

  it.for([
    ["another magic number", 0, 0],
    ["another method", 2, 2],
    ["another checksum", packed.length - 8, packed.length - 5],
    ["another length", packed.length - 4, packed.length - 1],
  ] as const)("gzip with %s, at the byte where unpacking fails", ([, changed, offset], { folder }) => {
    const corrupt = Buffer.from(packed);
    corrupt.writeUInt8(corrupt.readUInt8(changed) ^ 0x5a, changed);
    put(folder, { [`${imagesName}.gz`]: corrupt, [labelsName]: labels(10) });
    const found = refusal(folder);
    expect(found.problem).toMatch(/^corrupt gzip: /);
    expect(found.offset).toBeGreaterThanOrEqual(changed);
    expect(found.offset).toBeLessThanOrEqual(offset + 1);
  });

  it("gzip with corrupt contents, after the corruption and before the end", ({ folder }) => {
    const noise = idx(
      0x803,
      [10, 28, 28],
      Uint8Array.from({ length: 7840 }, (_, i) => (i * i * 31) % 251),
    );
    const corrupt = gzipSync(noise);
    corrupt.fill(0xff, 40, 60);
    put(folder, { [`${imagesName}.gz`]: corrupt, [labelsName]: labels(10) });
    const { offset, problem } = refusal(folder);
    expect(problem).toMatch(/^corrupt gzip: /);
    expect(offset).toBeGreaterThanOrEqual(40);
    expect(offset).toBeLessThan(corrupt.length);
  });
});
