/** A folder in memory. It refuses to outlive the process. */

import type { Folder } from "@adjoint/scheduler";

/** A folder in memory, for tests and for pages that keep checkpoints only while they are open. */
export function memoryFolder(): Folder {
  const contents = new Map<string, readonly Uint8Array[]>();
  return {
    read: async (name) => {
      const chunks = contents.get(name);
      return chunks === undefined ? undefined : inPieces(chunks);
    },
    write: async (name, chunks) => {
      const copies: Uint8Array[] = [];
      for await (const chunk of chunks) copies.push(chunk.slice());
      contents.set(name, copies);
    },
  };
}

async function* inPieces(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* chunks;
}
