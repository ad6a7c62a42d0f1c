/**
 * Writes tensors as safetensors, byte for byte as the reference implementation does: larger elements first, which keeps every
 * tensor aligned, then by name. It refuses to write files.
 */

import {
  elementCount,
  isStoredType,
  longestHeader,
  metadataKey,
  reordered,
  SafetensorsError,
  type StoredType,
  storedFormats,
} from "./format.js";

/** A tensor to store; `data` may be computed when its turn comes, so that only one need be in memory. */
export interface Storable {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView | (() => ArrayBufferView | Promise<ArrayBufferView>);
}

/** Tensors whose data are there. */
export interface StorableNow extends Storable {
  readonly data: ArrayBufferView;
}

interface Placed<T> {
  readonly name: string;
  readonly tensor: T;
  readonly dtype: StoredType;
  readonly begin: number;
  readonly end: number;
}

type Named<T> = Iterable<readonly [name: string, tensor: T]> | Readonly<Record<string, T>>;

/**
 * The bytes of a file; equal tensors and notes give equal bytes.
 * @throws SafetensorsError for a tensor whose type cannot be stored, whose data do not fit its type and shape, or whose name
 * comes twice, is reserved or is no Unicode.
 */
export function writeSafetensors(
  tensors: Named<StorableNow>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const placed = place(tensors);
  const header = headerOf(placed, metadata);
  const bytes = new Uint8Array(header.length + (placed.at(-1)?.end ?? 0));
  bytes.set(header);
  for (const { name, tensor, dtype, begin, end } of placed)
    bytes.set(packed(name, dtype, tensor.data, end - begin), header.length + begin);
  return bytes;
}

/**
 * The same file in pieces: the header, then each tensor. Data that are functions are asked for one after the other.
 * @throws as `writeSafetensors` does, about data when their turn comes.
 */
export async function* safetensorsChunks(
  tensors: Named<Storable>,
  metadata?: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const placed = place(tensors);
  yield headerOf(placed, metadata);
  for (const { name, tensor, dtype, begin, end } of placed) {
    const { data } = tensor;
    yield packed(name, dtype, typeof data === "function" ? await data() : data, end - begin);
  }
}

const order: readonly string[] = Object.keys(storedFormats);

function place<T extends Storable>(tensors: Named<T>): Placed<T>[] {
  const list = Symbol.iterator in tensors ? [...tensors] : Object.entries(tensors);
  const seen = new Set<string>();
  const checked = list.map(([name, tensor]) => {
    const { dtype, shape } = tensor;
    const refuse = (problem: string): never => {
      throw new SafetensorsError(`cannot be stored: ${problem}`, { tensor: name });
    };
    if (name === metadataKey) refuse("the format keeps this name for itself");
    if (/\p{Surrogate}/u.test(name)) refuse("its name is no Unicode");
    if (seen.has(name)) refuse("its name comes twice");
    seen.add(name);
    if (!isStoredType(dtype)) return refuse(`its type ${dtype} is none of ${order.join(", ")}`);
    const count =
      elementCount(shape) ?? refuse(`its shape [${shape.join(", ")}] is no list of whole numbers`);
    return {
      name,
      tensor,
      dtype,
      size: count * storedFormats[dtype].bytes,
      sort: new TextEncoder().encode(name),
    };
  });
  checked.sort((a, b) => order.indexOf(b.dtype) - order.indexOf(a.dtype) || compareBytes(a.sort, b.sort));
  let begin = 0;
  return checked.map(({ name, tensor, dtype, size }) => {
    const end = begin + size;
    if (!Number.isSafeInteger(end))
      throw new SafetensorsError("cannot be stored: the file would be too long", { tensor: name });
    const placed = { name, tensor, dtype, begin, end };
    begin = end;
    return placed;
  });
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function headerOf(
  placed: readonly Placed<Storable>[],
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array<ArrayBuffer> {
  // Joined by hand: an object would put names that look like integers first.
  const entries = placed.map(({ name, tensor: { shape }, dtype, begin, end }) => {
    const { tag } = storedFormats[dtype];
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: tag, shape: shape.map((extent) => extent + 0), data_offsets: [begin, end] })}`;
  });
  if (metadata !== undefined) {
    const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    if (notes.some((note) => note.some((part) => /\p{Surrogate}/u.test(part))))
      throw new SafetensorsError("cannot be stored: it has notes that are no Unicode", {
        tensor: metadataKey,
      });
    entries.unshift(
      `"${metadataKey}":{${notes.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
    );
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > longestHeader)
    throw new SafetensorsError(
      `cannot be stored: a header of ${length} bytes is longer than ${longestHeader}`,
      { tensor: placed[0]?.name ?? metadataKey },
    );
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function packed(
  name: string,
  dtype: StoredType,
  data: ArrayBufferView,
  size: number,
): Uint8Array<ArrayBuffer> {
  const { bytes, holds } = storedFormats[dtype];
  if (!holds(data))
    throw new SafetensorsError(`cannot be stored: its data is no array of ${dtype}`, { tensor: name });
  if (data.byteLength !== size) {
    throw new SafetensorsError(
      `cannot be stored: its shape takes ${size / bytes} elements, not ${data.byteLength / bytes}`,
      { tensor: name },
    );
  }
  return reordered(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), bytes);
}
