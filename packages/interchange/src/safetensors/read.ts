/** Reads tensors from the bytes of a safetensors file, at once or as they arrive. It refuses to open files. */

import { reordered, SafetensorsError, type StoredTensor, storedFormats } from "./format.js";
import { headerEnd, readSafetensorsHeader, type StoredEntry, type StoredHeader } from "./header.js";

/** The tensors of a file in the order of their bytes, each in memory of its own, and the file's own notes. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads all tensors of a file.
 * @throws SafetensorsError, with the byte, when the file breaks the format in any way.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { entries, metadata, size } = readSafetensorsHeader(bytes);
  checkSize(entries, size, bytes.length);
  const tensors = entries.map((entry): [string, StoredTensor] => [
    entry.name,
    tensorOf(entry, bytes.subarray(entry.begin, entry.end)),
  ]);
  return { tensors: new Map(tensors), metadata };
}

function checkSize(entries: readonly StoredEntry[], size: number, found: number): void {
  if (found > size)
    throw new SafetensorsError(`${found - size} bytes too many after the last tensor`, { offset: size });
  const cut = entries.find(({ end }) => end > found);
  if (cut === undefined) return;
  throw new SafetensorsError(`truncated: tensor ${JSON.stringify(cut.name)} ends at byte ${cut.end}`, {
    offset: found,
  });
}

function tensorOf({ dtype, shape }: StoredEntry, bytes: Uint8Array): StoredTensor {
  const format = storedFormats[dtype];
  return { dtype, shape, data: format.view(reordered(bytes, format.bytes).buffer) };
}

/** A file whose header has been read; its tensors may be asked for once. */
export interface OpenSafetensors {
  readonly header: StoredHeader;
  /** In the order in which they are stored. @throws SafetensorsError, with the byte; tensors before it have been given by then. */
  tensors(): AsyncGenerator<readonly [name: string, tensor: StoredTensor], void>;
  /** Ends the reading; for whoever does not ask for the tensors. */
  close(): Promise<void>;
}

/**
 * Reads the header of a file as its bytes arrive, and its tensors when they are asked for, holding no more than one of them.
 * Memory is taken for bytes that have arrived, never for what a header promises.
 * @throws SafetensorsError, with the byte, for a wrong header.
 */
export async function openSafetensors(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<OpenSafetensors> {
  const source = new Source(chunks);
  try {
    const length = await source.read(8);
    const start = headerEnd(length);
    const rest = await source.read(start - 8);
    const header = readSafetensorsHeader(joined([length, rest], length.length + rest.length));
    return { header, tensors: () => tensorsFrom(source, header), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function* tensorsFrom(
  source: Source,
  { entries, size }: StoredHeader,
): AsyncGenerator<readonly [name: string, tensor: StoredTensor], void> {
  try {
    for (const entry of entries) {
      const bytes = await source.read(entry.end - entry.begin);
      checkSize([entry], size, Math.min(size, entry.begin + bytes.length));
      yield [entry.name, tensorOf(entry, bytes)];
    }
    if ((await source.read(1)).length > 0)
      throw new SafetensorsError("bytes too many after the last tensor", { offset: size });
  } finally {
    await source.close();
  }
}

/** The tensors of a file as their bytes arrive, then its own notes; see `openSafetensors`. */
export async function* streamSafetensors(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly [name: string, tensor: StoredTensor], ReadonlyMap<string, string>> {
  const { header, tensors } = await openSafetensors(chunks);
  yield* tensors();
  return header.metadata;
}

/** Bytes in pieces of the lengths asked for. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** As many bytes as asked for, or all there are. */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let found = 0;
    while (found < length) {
      if (this.#left.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) break;
        this.#left = next.value;
      }
      const part = this.#left.subarray(0, length - found);
      this.#left = this.#left.subarray(part.length);
      parts.push(part);
      found += part.length;
    }
    return joined(parts, found);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
