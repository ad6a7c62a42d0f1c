/** Reads the header of a safetensors file and believes nothing in it. It refuses to touch the tensors' bytes. */

import {
  elementCount,
  isStoredType,
  longestHeader,
  metadataKey,
  SafetensorsError,
  type StoredType,
  storedFormats,
} from "./format.js";
import { Scanner } from "./scan.js";

/** A tensor as the header describes it: the bytes [begin, end) of the file. */
export interface StoredEntry {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface StoredHeader {
  /** In the order of their bytes, which they cover without gap or overlap. */
  readonly entries: readonly StoredEntry[];
  /** The file's own notes. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Bytes of the whole file, as the header says. */
  readonly size: number;
}

/** The byte at which the tensors begin. @throws SafetensorsError for fewer than 8 bytes, or a header that is too long or too short. */
export function headerEnd(bytes: Uint8Array): number {
  if (bytes.length < 8) {
    throw new SafetensorsError("truncated: the length of the header takes 8 bytes", { offset: bytes.length });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > longestHeader)
    throw new SafetensorsError(`a header of ${length} bytes: at most ${longestHeader} are allowed`, {
      offset: 0,
    });
  if (length < 2) throw new SafetensorsError(`a header of ${length} bytes: "{}" takes 2`, { offset: 0 });
  return 8 + Number(length);
}

/**
 * Reads a header: `bytes` begin with it and may go on or not.
 * @throws SafetensorsError with the first wrong byte.
 */
export function readSafetensorsHeader(bytes: Uint8Array): StoredHeader {
  const start = headerEnd(bytes);
  if (bytes.length < start)
    throw new SafetensorsError(`truncated: the header ends at byte ${start}`, { offset: bytes.length });
  if (bytes[8] !== 0x7b) throw new SafetensorsError('the header does not begin with "{"', { offset: 8 });
  const scanner = new Scanner(bytes.subarray(0, start), 8);
  const found: (StoredEntry & { readonly at: number })[] = [];
  const metadata = new Map<string, string>();
  scanner.entries((name, at) => {
    if (name === metadataKey) scanner.entries((key) => metadata.set(key, scanner.string()));
    else found.push({ ...readEntry(scanner, name, at, start), at });
  });
  scanner.end();
  found.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = start;
  for (const { name, begin, end, at } of found) {
    if (begin !== covered) {
      const what = begin > covered ? "a gap before" : "an overlap with";
      throw new SafetensorsError(
        `tensor ${JSON.stringify(name)} begins at byte ${begin}: ${what} byte ${covered}`,
        { offset: at },
      );
    }
    covered = end;
  }
  const entries = found.map(({ at: _, ...entry }) => entry);
  return { entries, metadata, size: covered };
}

const types: ReadonlyMap<string, StoredType> = new Map(
  Object.keys(storedFormats)
    .filter(isStoredType)
    .map((dtype) => [storedFormats[dtype].tag, dtype]),
);

function readEntry(scanner: Scanner, name: string, at: number, start: number): StoredEntry {
  const what = `tensor ${JSON.stringify(name)}`;
  let dtype: StoredType | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  let offsetsAt = at;
  scanner.entries((field, place) => {
    const here = scanner.position();
    if (field === "dtype") {
      const tag = scanner.string();
      dtype =
        types.get(tag) ??
        scanner.fail(
          `${what} has the type ${JSON.stringify(tag)}, not one of ${[...types.keys()].join(", ")}`,
          here,
        );
    } else if (field === "shape") shape = scanner.naturals();
    else if (field === "data_offsets") {
      offsets = scanner.naturals();
      offsetsAt = here;
    } else scanner.fail(`${what} has a field that the format does not know: ${JSON.stringify(field)}`, place);
  });
  if (dtype === undefined || shape === undefined || offsets === undefined)
    return scanner.fail(`${what} needs dtype, shape and data_offsets`, at);
  const [first, last, ...more] = offsets;
  if (first === undefined || last === undefined || more.length > 0)
    return scanner.fail(`${what} needs two data_offsets`, offsetsAt);
  if (last < first) return scanner.fail(`${what} ends before it begins`, offsetsAt);
  if (!Number.isSafeInteger(start + last)) return scanner.fail("overflow: an offset above 2^53", offsetsAt);
  const count = elementCount(shape);
  const bytes = count === undefined ? Number.NaN : count * storedFormats[dtype].bytes;
  if (!Number.isSafeInteger(bytes))
    return scanner.fail(`overflow: ${what} has more elements than can be counted`, at);
  if (last - first !== bytes) {
    return scanner.fail(
      `${what} has ${last - first} bytes, but its shape [${shape.join(", ")}] of ${dtype} takes ${bytes}`,
      offsetsAt,
    );
  }
  return { name, dtype, shape, begin: start + first, end: start + last };
}
