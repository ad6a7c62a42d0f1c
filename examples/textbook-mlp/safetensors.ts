// The safetensors format (https://huggingface.co/docs/safetensors) and its writer: the header's length as a
// little-endian 64-bit integer, the header as JSON padded with spaces to a multiple of 8 bytes, then the tensors' bytes,
// little-endian, row by row, without gaps. Stores the types below and no others.

import { endianness } from "node:os";
import { DataError } from "./errors.js";
import { writeWhole } from "./file.js";

/** The element types that can be stored. */
export type StoredType = "float32" | "float64" | "int32" | "uint32" | "int64";

/** The elements of a stored tensor, in the array that fits their type. */
export type StoredData = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array;

/** A tensor to store. What does not fit together is refused when writing. */
export interface Storable {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** How elements of one type are stored. */
export interface StoredFormat {
  readonly tag: string;
  readonly bytes: number;
  readonly holds: (data: ArrayBufferView) => data is StoredData;
  readonly view: (buffer: ArrayBuffer) => StoredData;
}

/** How each type is stored. */
export const formats: Readonly<Record<StoredType, StoredFormat>> = {
  float32: {
    tag: "F32",
    bytes: 4,
    holds: (data) => data instanceof Float32Array,
    view: (buffer) => new Float32Array(buffer),
  },
  float64: {
    tag: "F64",
    bytes: 8,
    holds: (data) => data instanceof Float64Array,
    view: (buffer) => new Float64Array(buffer),
  },
  int32: {
    tag: "I32",
    bytes: 4,
    holds: (data) => data instanceof Int32Array,
    view: (buffer) => new Int32Array(buffer),
  },
  uint32: {
    tag: "U32",
    bytes: 4,
    holds: (data) => data instanceof Uint32Array,
    view: (buffer) => new Uint32Array(buffer),
  },
  int64: {
    tag: "I64",
    bytes: 8,
    holds: (data) => data instanceof BigInt64Array,
    view: (buffer) => new BigInt64Array(buffer),
  },
};

/** The key of the header under which the file's own notes are kept. */
export const metadataKey = "__metadata__";

/**
 * Writes tensors in the order of their names, and `metadata`, if any, as the file's own notes. The file appears whole
 * or not at all; equal tensors give equal bytes.
 *
 * @throws DataError when a tensor's type cannot be stored, when its data does not fit its type and shape, or when the
 * file cannot be written.
 */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, Storable>>,
  metadata?: Readonly<Record<string, string>>,
): void {
  const entries: string[] = [];
  const parts: Uint8Array[] = [];
  // Joined by hand: an object would put names that look like integers first.
  const enter = (name: string, entry: object): void => {
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  };
  if (metadata !== undefined) enter(metadataKey, metadata);
  let begin = 0;
  for (const [name, tensor] of Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { tag, bytes } = packed(file, name, tensor);
    const end = begin + bytes.length;
    enter(name, { dtype: tag, shape: tensor.shape, data_offsets: [begin, end] });
    parts.push(bytes);
    begin = end;
  }
  const json = Buffer.from(`{${entries.join(",")}}`);
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  writeWhole(file, Buffer.concat([header, ...parts]));
}

function packed(
  file: string,
  name: string,
  { dtype, shape, data }: Storable,
): { tag: string; bytes: Uint8Array } {
  const refuse = (problem: string): never => {
    throw new DataError({ file }, `tensor "${name}" cannot be stored: ${problem}`);
  };
  if (name === metadataKey) refuse("the format keeps this name for itself");
  if (!isStored(dtype)) return refuse(`its type ${dtype} is none of ${Object.keys(formats).join(", ")}`);
  const { tag, bytes: size, holds } = formats[dtype];
  if (!holds(data)) refuse(`its data is no array of ${dtype}`);
  const elements = elementCount(shape);
  if (data.byteLength !== elements * size) {
    refuse(`its shape [${shape.join(", ")}] does not fit its ${data.byteLength / size} elements`);
  }
  return { tag, bytes: reordered(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), size) };
}

export function isStored(dtype: string): dtype is StoredType {
  return Object.hasOwn(formats, dtype);
}

/** The number of elements of a shape; NaN when an extent is no whole number, or there are more than can be counted. */
export function elementCount(shape: readonly number[]): number {
  const count = shape.reduce((elements, extent) => (extent >= 0 ? elements * extent : Number.NaN), 1);
  return Number.isSafeInteger(count) && shape.every(Number.isSafeInteger) ? count : Number.NaN;
}

/** A copy between this machine's byte order and the little-endian one, in either direction. */
export function reordered(bytes: Uint8Array, elementSize: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  if (endianness() === "LE") return copy;
  for (let i = 0; i < copy.length; i += elementSize) copy.subarray(i, i + elementSize).reverse();
  return copy;
}
