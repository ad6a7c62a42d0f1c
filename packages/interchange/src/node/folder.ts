/** A folder of the file system as a place for checkpoints and caches. It refuses to know what they hold. */

import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import type { Folder } from "@adjoint/scheduler";
import { codeOf, FileError, fileError, readChunks, unfinished, writeWhole } from "./file.js";

/**
 * The folder at a path; it is made when something is first written. Writing also removes what killed processes of this machine
 * left unfinished under the same name.
 */
export function nodeFolder(path: string): Folder {
  return {
    read: async (name) => {
      const file = place(path, name);
      try {
        await stat(file);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw fileError(file, error);
      }
      return readChunks(file);
    },
    write: async (name, chunks) => {
      const file = place(path, name);
      await removeUnfinished(path, name);
      await writeWhole(file, chunks);
    },
  };
}

/** @throws FileError for a name that leads elsewhere. */
function place(path: string, name: string): string {
  if (basename(name) === name && name !== "." && name !== ".." && name !== "") return join(path, name);
  throw new FileError(join(path, name), "is no name within the folder");
}

async function removeUnfinished(path: string, name: string): Promise<void> {
  for (const found of await readdir(path).catch(() => [])) {
    const [suffix, writer] = unfinished.exec(found) ?? [];
    if (suffix === undefined || found !== name + suffix || isAlive(Number(writer))) continue;
    await rm(join(path, found), { force: true });
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
