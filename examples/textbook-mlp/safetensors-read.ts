// Reads safetensors files, and believes nothing in them: every number in the header is checked, and the tensors must
// cover the file without gap or overlap. Reads whole files only, no part and nothing lazily.

import { DataError } from "./errors.js";
import { type Contents, readPlain } from "./file.js";
import {
  elementCount,
  formats,
  isStored,
  metadataKey,
  reordered,
  type StoredData,
  type StoredType,
} from "./safetensors.js";

/** A tensor as it is stored: `data` has as many elements as the shape says, in the array that fits the type. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly data: StoredData;
}

/** A tensor, and the bytes of the file that it covers. */
interface Found {
  readonly name: string;
  readonly tensor: StoredTensor;
  readonly begin: number;
  readonly end: number;
}

/** The longest header that the reference implementation accepts, in bytes. */
const longestHeader = 100_000_000;

/**
 * Reads all tensors of a file, in the order of their bytes, each into memory of its own. The notes under
 * `__metadata__` are checked and left out.
 *
 * @throws DataError, with the byte, when the file cannot be read, breaks the format in any way, or holds elements of a
 * type not in `StoredType`.
 */
export function readSafetensors(file: string): Record<string, StoredTensor> {
  const contents = readPlain(file);
  const { header, start } = readHeader(contents);
  const found: Found[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataKey) checkMetadata(contents, entry);
    else found.push(readTensor(contents, start, name, entry));
  }
  found.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = start;
  for (const { name, begin, end } of found) {
    if (begin !== covered)
      fail(contents, covered, `tensor "${name}" begins at byte ${begin}: a gap or an overlap`);
    covered = end;
  }
  const rest = contents.bytes.length - covered;
  if (rest > 0) fail(contents, covered, `${rest} bytes too many after the last tensor`);
  return Object.fromEntries(found.map(({ name, tensor }) => [name, tensor]));
}

function readHeader(contents: Contents): { header: Record<string, unknown>; start: number } {
  const { bytes } = contents;
  if (bytes.length < 8) fail(contents, bytes.length, "truncated: the length of the header takes 8 bytes");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader)
    fail(contents, 0, `a header of ${length} bytes: expected at most ${longestHeader}`);
  const start = 8 + length;
  if (bytes.length < start) fail(contents, bytes.length, `truncated: the header ends at byte ${start}`);
  const text = decoded(bytes.subarray(8, start));
  const header = text === undefined ? undefined : parsed(text);
  if (text === undefined || header === undefined || !text.startsWith("{")) {
    return fail(contents, 8, "the header is not a JSON object");
  }
  if (keyCount(text) !== Object.keys(header).length) fail(contents, 8, "the header has the same name twice");
  return { header, start };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many keys the outermost object of a JSON text has; one that is repeated counts each time. */
function keyCount(json: string): number {
  let depth = 0;
  let count = 0;
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === "{") depth++;
    else if (token === "}") depth--;
    else if (depth === 1 && colon !== undefined) count++;
  }
  return count;
}

function checkMetadata(contents: Contents, entry: unknown): void {
  const isText = isRecord(entry) && Object.values(entry).every((value) => typeof value === "string");
  if (!isText) fail(contents, 8, `${metadataKey} is not a map from text to text`);
}

function readTensor(contents: Contents, start: number, name: string, entry: unknown): Found {
  const wrong = (problem: string, offset = 8): never => fail(contents, offset, `tensor "${name}" ${problem}`);
  if (!isRecord(entry)) return wrong("is not described by an object");
  const { dtype: tag, shape, data_offsets: offsets, ...others } = entry;
  const dtype = Object.keys(formats)
    .filter(isStored)
    .find((known) => formats[known].tag === tag);
  if (dtype === undefined) return wrong(`has the type ${JSON.stringify(tag)}: none that this reader knows`);
  if (!isSizes(shape)) return wrong("needs a shape of whole numbers");
  if (!isSizes(offsets)) return wrong("needs data_offsets of whole numbers");
  const [first, last, ...more] = offsets;
  if (first === undefined || last === undefined || more.length > 0) return wrong("needs two data_offsets");
  const [other] = Object.keys(others);
  if (other !== undefined) wrong(`has a field that the format does not know: ${JSON.stringify(other)}`);
  const { bytes: size, view } = formats[dtype];
  const begin = start + first;
  const end = start + last;
  if (end - begin !== elementCount(shape) * size) {
    wrong(`has ${end - begin} bytes, which its shape [${shape.join(", ")}] of ${dtype} does not fit`, begin);
  }
  const { bytes } = contents;
  if (end > bytes.length) wrong(`is truncated: it ends at byte ${end}`, bytes.length);
  const data = view(reordered(bytes.subarray(begin, end), size).buffer);
  return { name, tensor: { dtype, shape, data }, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail({ file }: Contents, offset: number, problem: string): never {
  throw new DataError({ file, offset }, problem);
}
