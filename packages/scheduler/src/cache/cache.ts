/**
 * What was planned and compiled before, by content, in a folder. A cache is never the reason why something fails: what
 * cannot be found, read or kept is made again, and reported. It refuses to know what it keeps.
 */

import type { Folder } from "./folder.js";

/** What came of a look into the cache, or of an addition to it. */
export interface CacheReport {
  readonly type: "cache";
  /** "plan", or the name of the target for what its backend has compiled. */
  readonly what: string;
  /** `damaged`: what was kept is not what was written, and is not used. `failed`: it could not be read or written. */
  readonly outcome: "found" | "missing" | "kept" | "damaged" | "failed";
  /** Why it failed. */
  readonly reason?: string;
}

/** How values are kept. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** Undefined for what it cannot read, whatever wrote it. */
  decode(bytes: Uint8Array<ArrayBuffer>): T | undefined;
}

/** The cache as planning and backends use it. */
export interface ContentCache {
  /**
   * The value that was kept for a content, which says everything that it depends on; where there is none, what `make` makes, which
   * is kept. Rejects only as `make` does, and does not wait until it is kept.
   */
  remember<T>(what: string, content: string, codec: Codec<T>, make: () => Promise<T>): Promise<T>;
}

/** Names of a kind of content: a folder holds no more files of it. Two contents of one name replace each other. */
const names = 1024;
const digestBytes = 32;

export class FolderCache implements ContentCache {
  readonly #folder: Folder;
  readonly #report: (report: CacheReport) => void;

  constructor(folder: Folder, report: (report: CacheReport) => void) {
    this.#folder = folder;
    this.#report = report;
  }

  async remember<T>(what: string, content: string, codec: Codec<T>, make: () => Promise<T>): Promise<T> {
    const key = digest(new TextEncoder().encode(content));
    // Both who looks and who keeps says why there is none.
    key.catch(() => undefined);
    const kept = await this.#find(what, key);
    const known = kept === undefined ? undefined : codec.decode(kept);
    if (known !== undefined) return known;
    const made = await make();
    void this.#keep(what, key, codec.encode(made));
    return made;
  }

  async #find(what: string, asked: Promise<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const key = await asked;
      const kept = await this.#read(nameOf(what, key));
      const bytes = kept?.subarray(2 * digestBytes);
      if (kept === undefined || bytes === undefined || !startsWith(kept, key)) {
        this.#report({ type: "cache", what, outcome: "missing" });
        return undefined;
      }
      const whole = startsWith(kept.subarray(digestBytes), await digest(bytes));
      this.#report({ type: "cache", what, outcome: whole ? "found" : "damaged" });
      return whole ? bytes : undefined;
    } catch (error) {
      this.#report({ type: "cache", what, outcome: "failed", reason: String(error) });
      return undefined;
    }
  }

  async #keep(what: string, asked: Promise<Uint8Array>, bytes: Uint8Array): Promise<void> {
    try {
      const key = await asked;
      await this.#folder.write(nameOf(what, key), [key, await digest(bytes), bytes]);
      this.#report({ type: "cache", what, outcome: "kept" });
    } catch (error) {
      this.#report({ type: "cache", what, outcome: "failed", reason: String(error) });
    }
  }

  async #read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const chunks = await this.#folder.read(name);
    if (chunks === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) pieces.push(chunk);
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

function nameOf(what: string, [first = 0, second = 0]: Uint8Array): string {
  const slot = (256 * first + second) % names;
  return `${what}-${slot.toString(16).padStart(3, "0")}.adjoint`;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => byte === bytes[at]);
}

/** SHA-256. Pages have it where they are secure: over HTTPS, or from the machine itself. */
async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
}
