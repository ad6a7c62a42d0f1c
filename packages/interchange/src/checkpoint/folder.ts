/** Where checkpoints are kept: bytes under names, replaced as a whole. It refuses to know files, browsers or formats. */

export interface Folder {
  /** The bytes under a name, in pieces from the first; undefined where nothing has that name. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Puts bytes under a name. Whoever reads it, and whoever comes after a crash at any instant, finds what was there before or
   * all of the new bytes. When the pieces end with an error, what was there stays.
   */
  write(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}

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
