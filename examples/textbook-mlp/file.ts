// Whole files: reading one, unpacking it if it is gzip, and writing one that is never seen half written.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { DataError, systemProblem } from "./errors.js";

/** The bytes that a file holds, and how to speak of them in an error. */
export interface Contents {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Whether the bytes were unpacked from gzip. */
  readonly unpacked: boolean;
}

/** Reads a file as it is. @throws DataError when it cannot be read. */
export function readPlain(file: string): Contents {
  try {
    return { file, bytes: readFileSync(file), unpacked: false };
  } catch (error) {
    throw new DataError({ file }, systemProblem(error));
  }
}

/**
 * Reads a file, and unpacks it if its name ends in ".gz" or its first bytes are those of gzip.
 *
 * @throws DataError when it cannot be read, or is gzip that ends early or is corrupt.
 */
export function readUnpacked(file: string): Contents {
  const packed = readPlain(file);
  const { bytes } = packed;
  if (!file.endsWith(".gz") && !(bytes[0] === 0x1f && bytes[1] === 0x8b)) return packed;
  try {
    return { file, bytes: gunzipSync(bytes), unpacked: true };
  } catch (error) {
    const offset = corruption(bytes);
    if (offset === undefined) {
      throw new DataError({ file, offset: bytes.length }, "truncated: the gzip data ends early");
    }
    throw new DataError({ file, offset }, `corrupt gzip: ${systemProblem(error)}`);
  }
}

/** The offset of the first byte after which gunzip gives up; undefined if it would only ask for more. */
function corruption(packed: Uint8Array): number | undefined {
  const unpacks = (length: number): boolean => {
    try {
      // With a flush at the end, gunzip accepts data that ends early and refuses only data that is wrong.
      gunzipSync(packed.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
      return true;
    } catch {
      return false;
    }
  };
  if (unpacks(packed.length)) return undefined;
  let good = 0;
  let bad = packed.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (unpacks(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * Writes a file, and its folder if there is none, under another name first: who reads it finds the old contents or all
 * of the new.
 *
 * @throws DataError when it cannot be written; the file is then as it was.
 */
export function writeWhole(file: string, contents: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, contents);
    renameSync(temporary, file);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new DataError(
      { file },
      `cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
