/** Files, read in pieces and written so that nobody sees half of one. It refuses to know what they hold. */

import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { AdjointError } from "@adjoint/core";

/** A file or folder that cannot be read or written; the address is its path. */
export class FileError extends AdjointError {
  constructor(path: string, problem: string, cause?: unknown) {
    super(`${path === "" ? '""' : path}: ${problem}`, path);
    if (cause !== undefined) this.cause = cause;
  }
}

const problems: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "does not exist"],
  ["EISDIR", "is a folder, not a file"],
  ["ENOTDIR", "lies below something that is no folder"],
  ["EACCES", "may not be accessed: permission denied"],
  ["EPERM", "may not be accessed: permission denied"],
  ["EROFS", "lies on a file system that is read-only"],
  ["ENOSPC", "cannot be written: the disk is full"],
  ["ENAMETOOLONG", "has too long a name"],
  ["ERR_FS_FILE_TOO_LARGE", "is too large to be read at once"],
]);

/** Why a file cannot be read or written: in plain words where there are some, else what the system says. */
export function fileError(path: string, error: unknown): FileError {
  const problem = problems.get(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
  return new FileError(path, problem, error);
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** All bytes of a file, or of a pipe. @throws FileError for what is neither, such as a device that never ends. */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isCharacterDevice() || found.isBlockDevice())
      throw new FileError(path, "is a device, which may never end, not a file");
    return await readFile(path);
  } catch (error) {
    throw error instanceof FileError ? error : fileError(path, error);
  }
}

/** The bytes of a file as they are read. @throws FileError when the reading begins, or on the way. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

type Pieces<Piece> = AsyncIterable<Piece> | Iterable<Piece>;

/**
 * Writes a file, and its folder if there is none: under another name first, then, when all of it is on the disk, in place of the
 * old one. Killed at any instant, the old file or all of the new one is there. What is no file, such as a pipe, is written to
 * directly, and a link stays a link.
 * @throws FileError, and what the pieces throw; the file is then as it was.
 */
export async function writeWhole(
  path: string,
  contents: string | Uint8Array | Pieces<Uint8Array>,
): Promise<void> {
  const pieces = typeof contents === "string" || contents instanceof Uint8Array ? [contents] : contents;
  const target = await existing(path);
  if (target !== undefined && !target.isFile) return writeInto(path, pieces);
  if (target === undefined) await makeFolder(dirname(path));
  await replace(target?.path ?? path, pieces, target?.mode);
}

/** What a path leads to; undefined for nothing. */
async function existing(
  path: string,
): Promise<{ readonly path: string; readonly isFile: boolean; readonly mode: number } | undefined> {
  try {
    const found = await stat(path);
    return { path: await realpath(path), isFile: found.isFile(), mode: found.mode & 0o777 };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(path, error);
  }
}

async function writeInto(path: string, pieces: Pieces<string | Uint8Array>): Promise<void> {
  try {
    await writeFile(path, pieces);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Makes a folder and those above it. Node's own recursion never ends where a file system takes no folders. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    const above = dirname(path);
    if (code === "ENOENT" && above !== path) {
      if (await exists(above)) throw fileError(path, new Error("cannot be made here"));
      await makeFolder(above);
      await makeFolder(path);
    } else if (code !== "EEXIST" || !(await isFolder(path))) {
      throw code === "EEXIST"
        ? new FileError(path, "is a file, not a folder", error)
        : fileError(path, error);
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** The names that unfinished files have: that of the file, the process that writes it, and one that nobody else draws. */
export const unfinished = /\.(\d+)-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

async function replace(
  path: string,
  pieces: Pieces<string | Uint8Array>,
  mode: number | undefined,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${basename(path)}.${process.pid}-${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, pieces, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw codeOf(error) === undefined ? error : fileError(path, error);
  }
  await syncFolder(folder);
}

async function writeNew(
  path: string,
  pieces: Pieces<string | Uint8Array>,
  mode: number | undefined,
): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name last through a power cut, on systems that can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
