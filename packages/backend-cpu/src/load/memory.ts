/** The one memory of an executable: where each space starts, and how many bytes they take together. */

import { MemoryError } from "@adjoint/core";

const pageBytes = 65536;
const maxBytes = 65536 * pageBytes;
const notedBytes = 2 ** 26;

export function pagesFor(bytes: number): number {
  return Math.ceil(bytes / pageBytes);
}

/** @throws MemoryError for more than a WebAssembly memory can have; `spaces` are named in it. */
export function checkBytes(bytes: number, spaces: Readonly<Record<string, number>>): void {
  if (bytes <= maxBytes) return;
  throw new MemoryError(
    `The plan needs ${bytes} bytes, WebAssembly has at most ${maxBytes} (${accountOf(spaces)}).`,
    bytes,
  );
}

function accountOf(spaces: Readonly<Record<string, number>>): string {
  return Object.entries(spaces)
    .map(([space, size]) => `${space} ${size}`)
    .join(", ");
}

/** A memory that never grows. @throws MemoryError when the engine has not that much; `spaces` are named in it. */
export function allocate(
  bytes: number,
  spaces: Readonly<Record<string, number>>,
  shared = false,
): WebAssembly.Memory {
  const pages = pagesFor(bytes);
  checkBytes(bytes, spaces);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    throw new MemoryError(
      `The engine refuses a memory of ${bytes} bytes (${accountOf(spaces)}).`,
      bytes,
      cause,
    );
  }
}

/**
 * Tells the engine of a shared memory that nobody holds any more. It does not count such memory, so that nothing would make it
 * look for garbage; arrays of more bytes together, never touched, have it look step by step.
 */
export function noteGarbage(bytes: number): void {
  try {
    for (let noted = 0; noted < 4 * bytes; noted += notedBytes) new ArrayBuffer(notedBytes);
  } catch {
    // Whoever needs the memory makes the engine look.
  }
}

/** Attempts, and milliseconds between them, in which an engine clears away workers that were ended and what they held. */
const attempts = { most: 4, apart: 150 } as const;

/** Allocates as soon as there is room, in the addresses of a page above all. @throws MemoryError where it does not come to be. */
export async function patiently<T>(allocate: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return allocate();
    } catch (error) {
      if (attempt === attempts.most) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempts.apart));
    }
  }
}
