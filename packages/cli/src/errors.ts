/** What can be wrong with a command and its files, each told in one line. It refuses to know commands. */

import { AdjointError } from "@adjoint/core";
import { FileError } from "@adjoint/interchange/node";

/** A command line that cannot be understood: exit status 2. */
export class UsageError extends AdjointError {}

/** A file that holds something else than was expected, or something wrong; the message names both. */
export class InputError extends AdjointError {
  constructor(file: string, problem: string) {
    super(`${shownName(file)}: ${problem}`, file);
  }
}

/** How a file is spoken of. */
function shownName(file: string): string {
  return file === "-" ? "standard input" : file === "" ? '""' : file;
}

/** Stopped by a signal, after what was asked for was saved; `status` is 128 and the signal's number, as shells have it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Checks that ran and failed: their findings have been printed. */
export class CheckFailed extends AdjointError {}

/**
 * Runs `read` and puts the name of the file before what it says is wrong with it; what is wrong with the command line stays.
 */
export function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isNamed = [InputError, UsageError, FileError].some((kind) => error instanceof kind);
    if (error instanceof AdjointError && !isNamed) throw new InputError(file, error.message);
    throw error;
  }
}

/** The same for what takes time. */
export async function namedLater<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    return named(file, () => {
      throw error;
    });
  }
}
