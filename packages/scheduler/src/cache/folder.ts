/** Where bytes are kept under names: checkpoints, and what was compiled before. It refuses to know files, browsers or formats. */

export interface Folder {
  /** The bytes under a name, in pieces from the first; undefined where nothing has that name. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Puts bytes under a name. Whoever reads it, and whoever comes after a crash at any instant, finds what was there before or
   * all of the new bytes. When the pieces end with an error, what was there stays.
   */
  write(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}
