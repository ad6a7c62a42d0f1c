// Understands the IDX files in which MNIST and its relatives come (http://yann.lecun.com/exdb/mnist): big-endian header,
// then one byte a pixel or a label. Only 28 × 28 images with labels 0–9; no other element type and no other shape. Where
// the files come from is not its concern.

import { classes, type DigitSets, type Digits, pixels, side, split } from "./dataset.js";
import { DataError } from "./errors.js";
import type { Contents } from "./file.js";

const kinds = {
  images: { magic: 0x803, dimensions: 3, part: "images-idx3" },
  labels: { magic: 0x801, dimensions: 1, part: "labels-idx1" },
} as const;
type Kind = keyof typeof kinds;

/** Files that are read by name: those in a folder, or those dropped on a page. */
export interface Files {
  /** What errors call all of them together. */
  readonly place: string;
  readonly names: readonly string[];
  /** What errors call one of them, there or not. */
  path(name: string): string;
  /** @throws DataError when it cannot be read. */
  read(name: string): Contents;
}

/**
 * The digits in some files: a training pair (train-images-idx3-ubyte and train-labels-idx1-ubyte, or any name with
 * "train" before "-images") and a test pair (the same with "t10k" or "test"), each file plain or gzip. A test pair
 * alone is split, the first 80 % to train with: 8000 and 2000 for MNIST's.
 *
 * @throws DataError, with file and byte, for anything missing, short, long, or not as the format says.
 */
export function digitsIn(files: Files): DigitSets {
  const { place } = files;
  const names = files.names.flatMap(idxName);
  const stems = [...new Set(names.map(({ stem }) => stem))];
  const isTrain = (stem: string): boolean => /train/i.test(stem);
  const train = only(place, "training", stems.filter(isTrain));
  const test = only(
    place,
    "test",
    stems.filter((stem) => !isTrain(stem) && /t10k|test/i.test(stem)),
  );
  if (test === undefined) {
    const lacking = train === undefined ? "holds no digits" : "holds no digits to test with";
    throw new DataError({ file: place }, `${lacking}: expected t10k-images-idx3-ubyte[.gz] and its labels`);
  }
  if (train !== undefined)
    return { train: readPair(files, train, names), test: readPair(files, test, names) };
  const all = readPair(files, test, names);
  const trainCount = Math.floor(all.labels.length * 0.8);
  if (trainCount > 0) return split(all, trainCount);
  throw new DataError(
    { file: place },
    "holds a single digit: expected some to train with and some to test with",
  );
}

/** A file that is IDX by its name. */
interface Name {
  readonly name: string;
  readonly stem: string;
  readonly kind: Kind;
}

function idxName(name: string): Name[] {
  const [, stem, kind] = /^(.*)-(images[-.]idx3|labels[-.]idx1)-ubyte(?:\.gz)?$/.exec(name) ?? [];
  if (stem === undefined || kind === undefined) return [];
  return [{ name, stem, kind: kind.startsWith("images") ? "images" : "labels" }];
}

function only(place: string, role: string, stems: readonly string[]): string | undefined {
  if (stems.length <= 1) return stems[0];
  throw new DataError({ file: place }, `holds more than one ${role} set (${stems.join(", ")}): keep one`);
}

function readPair(files: Files, stem: string, names: readonly Name[]): Digits {
  const contents = (kind: Kind): Contents => {
    const found = names.find((name) => name.stem === stem && name.kind === kind);
    if (found !== undefined) return files.read(found.name);
    const missing = files.path(`${stem}-${kinds[kind].part}-ubyte`);
    throw new DataError(
      { file: missing },
      `does not exist, plain or with .gz: the other half of "${stem}" is here`,
    );
  };
  const imagesFile = contents("images");
  const labelsFile = contents("labels");
  const images = readImages(imagesFile);
  const labels = readLabels(labelsFile, images.length / pixels, imagesFile.file);
  return { images, labels };
}

function readImages(contents: Contents): Float32Array {
  const [count = 0, rows, columns] = sizes(contents, "images");
  if (rows !== side) fail(contents, 8, `images are ${rows} rows high, expected ${side}`);
  if (columns !== side) fail(contents, 12, `images are ${columns} columns wide, expected ${side}`);
  if (count === 0) fail(contents, 4, "holds no images");
  const bytes = body(contents, "images", count * pixels);
  const images = new Float32Array(bytes.length);
  for (let i = 0; i < images.length; i++) images[i] = (bytes[i] ?? 0) / 255;
  return images;
}

function readLabels(contents: Contents, count: number, imagesFile: string): Int32Array {
  const [labelCount = 0] = sizes(contents, "labels");
  if (labelCount !== count)
    fail(contents, 4, `${labelCount} labels for the ${count} images of ${imagesFile}`);
  const bytes = body(contents, "labels", count);
  const wrong = bytes.findIndex((label) => label >= classes);
  if (wrong >= 0)
    fail(contents, 8 + wrong, `label ${bytes[wrong]} is out of range: expected 0 to ${classes - 1}`);
  return Int32Array.from(bytes);
}

/** The sizes in the header, after its magic number is checked. */
function sizes(contents: Contents, kind: Kind): number[] {
  const { bytes } = contents;
  const { magic, dimensions } = kinds[kind];
  const header = 4 + 4 * dimensions;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 4 && view.getUint32(0) !== magic) {
    fail(contents, 0, `wrong magic number ${hex(view.getUint32(0))}: expected ${hex(magic)} for ${kind}`);
  }
  if (bytes.length < header) fail(contents, bytes.length, `truncated: the header takes ${header} bytes`);
  return Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
}

/** The bytes after the header, exactly `length` of them. */
function body(contents: Contents, kind: Kind, length: number): Uint8Array {
  const { bytes } = contents;
  const start = 4 + 4 * kinds[kind].dimensions;
  const end = start + length;
  if (bytes.length < end) fail(contents, bytes.length, `truncated: the header asks for ${end} bytes`);
  if (bytes.length > end)
    fail(contents, end, `${bytes.length - end} bytes too many after the last of the ${kind}`);
  return bytes.subarray(start);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

function fail({ file, unpacked }: Contents, offset: number, problem: string): never {
  throw new DataError({ file, offset, unpacked }, problem);
}
