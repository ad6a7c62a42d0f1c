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

const u8 = {
  bytes: 1,
  holds: (data: ArrayBufferView): data is Uint8Array => data instanceof Uint8Array,
  view: (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer),
};

const u16 = {
  bytes: 2,
  holds: (data: ArrayBufferView): data is Uint16Array => data instanceof Uint16Array,
  view: (buffer: ArrayBuffer): Uint16Array => new Uint16Array(buffer),
};

/** How each type is stored, in the reference implementation's order of alignment. */
export const storedFormats = {
  bool: { tag: "BOOL", ...u8 },
  uint8: { tag: "U8", ...u8 },
  int8: {
    tag: "I8",
    bytes: 1,
    holds: (data): data is Int8Array => data instanceof Int8Array,
    view: (buffer) => new Int8Array(buffer),
  },
  float8_e5m2: { tag: "F8_E5M2", ...u8 },
  float8_e4m3: { tag: "F8_E4M3", ...u8 },
  int16: {
    tag: "I16",
    bytes: 2,
    holds: (data): data is Int16Array => data instanceof Int16Array,
    view: (buffer) => new Int16Array(buffer),
  },
  uint16: { tag: "U16", ...u16 },
  float16: { tag: "F16", ...u16 },
  bfloat16: { tag: "BF16", ...u16 },
  int32: {
    tag: "I32",
    bytes: 4,
    holds: (data): data is Int32Array => data instanceof Int32Array,
    view: (buffer) => new Int32Array(buffer),
  },
  uint32: {
    tag: "U32",
    bytes: 4,
    holds: (data): data is Uint32Array => data instanceof Uint32Array,
    view: (buffer) => new Uint32Array(buffer),
  },
  float32: {
    tag: "F32",
    bytes: 4,
    holds: (data): data is Float32Array => data instanceof Float32Array,
    view: (buffer) => new Float32Array(buffer),
  },
  float64: {
    tag: "F64",
    bytes: 8,
    holds: (data): data is Float64Array => data instanceof Float64Array,
    view: (buffer) => new Float64Array(buffer),
  },
  int64: {
    tag: "I64",
    bytes: 8,
    holds: (data): data is BigInt64Array => data instanceof BigInt64Array,
    view: (buffer) => new BigInt64Array(buffer),
  },
  uint64: {
    tag: "U64",
    bytes: 8,
    holds: (data): data is BigUint64Array => data instanceof BigUint64Array,
    view: (buffer) => new BigUint64Array(buffer),
  },
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
