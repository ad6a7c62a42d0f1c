/**
 * The safetensors format: the header's length as a little-endian 64-bit integer, the header as JSON, then the tensors' bytes,
 * little-endian, row by row, without gaps. Source: https://huggingface.co/docs/safetensors. It refuses types of less than a byte.
 */

import { AdjointError } from "@adjoint/core";

/** A file that breaks the format, or a tensor that cannot be stored; `offset` is the first wrong byte of a file. */
export class SafetensorsError extends AdjointError {
  readonly offset: number | undefined;

  constructor(message: string, place: { readonly offset: number } | { readonly tensor: string }) {
    const offset = "offset" in place ? place.offset : undefined;
    super(
      "offset" in place
        ? `byte ${place.offset}: ${message}`
        : `tensor ${JSON.stringify(place.tensor)}: ${message}`,
      "offset" in place ? String(place.offset) : place.tensor,
    );
    this.offset = offset;
  }
}

/** The elements of a stored tensor; 16-bit floats and 8-bit ones are kept as their bits, booleans as bytes of 0 and 1. */
export type StoredData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface StoredFormat {
  readonly tag: string;
  readonly bytes: number;
  holds(data: ArrayBufferView): data is StoredData;
  view(buffer: ArrayBuffer): StoredData;
}

interface ElementArray<Data extends StoredData> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): Data;
}

/** A type under its name in files, and the array of its elements. */
function stored<Data extends StoredData>(tag: string, Elements: ElementArray<Data>) {
  return {
    tag,
    bytes: Elements.BYTES_PER_ELEMENT,
    holds: (data: ArrayBufferView): data is Data => data instanceof Elements,
    view: (buffer: ArrayBuffer): Data => new Elements(buffer),
  };
}

/** How each type is stored, in the reference implementation's order of alignment. */
export const storedFormats = {
  bool: stored("BOOL", Uint8Array),
  uint8: stored("U8", Uint8Array),
  int8: stored("I8", Int8Array),
  float8_e5m2: stored("F8_E5M2", Uint8Array),
  float8_e4m3: stored("F8_E4M3", Uint8Array),
  int16: stored("I16", Int16Array),
  uint16: stored("U16", Uint16Array),
  float16: stored("F16", Uint16Array),
  bfloat16: stored("BF16", Uint16Array),
  int32: stored("I32", Int32Array),
  uint32: stored("U32", Uint32Array),
  float32: stored("F32", Float32Array),
  float64: stored("F64", Float64Array),
  int64: stored("I64", BigInt64Array),
  uint64: stored("U64", BigUint64Array),
} as const satisfies Readonly<Record<string, StoredFormat>>;

/** The element types that can be stored. */
export type StoredType = keyof typeof storedFormats;

/** A tensor as it is stored: `data` has as many elements as the shape says, in the array that fits the type. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly data: StoredData;
}

export function isStoredType(dtype: string): dtype is StoredType {
  return Object.hasOwn(storedFormats, dtype);
}

/** The key of the header under which a file's own notes are kept. */
export const metadataKey = "__metadata__";

/** The longest header that the reference implementation accepts, in bytes. */
export const longestHeader = 100_000_000;

/** The number of elements of a shape; undefined for extents that are no whole numbers, or more elements than can be counted. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const extent of shape) {
    count *= extent;
    if (!Number.isSafeInteger(extent) || extent < 0 || !Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A copy of elements between this machine's byte order and the little-endian one, in either direction. */
export function reordered(bytes: Uint8Array, elementSize: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (isLittleEndian) return copy;
  for (let i = 0; i < copy.length; i += elementSize) copy.subarray(i, i + elementSize).reverse();
  return copy;
}
