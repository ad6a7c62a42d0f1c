/** A directory that a browser hands out as a place for checkpoints and caches. It refuses to know where the directory came from. */

import type { Folder } from "@adjoint/scheduler";

/** What is asked of a `FileSystemDirectoryHandle`, spelled out so that these declarations compile without a library of browsers. */
export interface Directory {
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<DirectoryEntry>;
}

interface DirectoryEntry {
  getFile(): Promise<Bytes>;
  createWritable(): Promise<{
    write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
    close(): Promise<void>;
    abort(reason: unknown): Promise<void>;
  }>;
}

interface Bytes {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/**
 * The folder that a directory handle is: `await navigator.storage.getDirectory()` for the origin's private file system, or what
 * a user chose. The browser puts new bytes in place of old ones when they are complete, so a page that is closed meanwhile leaves
 * what was there. A file without bytes is one that was never completed, and counts as none.
 * Source: https://fs.spec.whatwg.org/#api-filesystemwritablefilestream.
 */
export function directoryFolder(directory: Directory): Folder {
  return {
    read: async (name) => {
      const file = await fileOf(directory, name);
      return file === undefined || file.size === 0 ? undefined : chunksOf(file);
    },
    write: async (name, chunks) => {
      const handle = await directory.getFileHandle(name, { create: true });
      const writable = await handle.createWritable();
      try {
        // A copy: browsers refuse views on memory that threads share.
        for await (const chunk of chunks) await writable.write(Uint8Array.from(chunk));
      } catch (error) {
        await writable.abort(error);
        throw error;
      }
      await writable.close();
    },
  };
}

async function fileOf(directory: Directory, name: string): Promise<Bytes | undefined> {
  try {
    return await (await directory.getFileHandle(name)).getFile();
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}

const chunkBytes = 2 ** 20;

async function* chunksOf(file: Bytes): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < file.size; start += chunkBytes)
    yield new Uint8Array(await file.slice(start, start + chunkBytes).arrayBuffer());
}
