// The two ways in which whoever runs the example can be at fault: a wrong option, or a bad file. Each message is one
// line, to be printed without a stack. Not for mistakes in the program itself.

/** A command-line option that cannot be used; the message names it and says what is allowed. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  /** The option as typed, such as "--epochs". */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`);
    this.option = option;
  }
}

/** Where in which file something is wrong. */
export interface Place {
  readonly file: string;
  /** The first wrong byte, or where a byte is missing; absent when the whole file or folder is meant. */
  readonly offset?: number;
  /** Whether the offset counts the bytes that gunzip gives, and not those of the file itself. */
  readonly unpacked?: boolean;
}

/** A file or folder that cannot be read or written; the message names it, and the byte where there is one. */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly file: string;
  readonly offset: number | undefined;

  constructor({ file, offset, unpacked = false }: Place, problem: string) {
    const byte = offset === undefined ? "" : `, ${unpacked ? "unpacked byte" : "byte"} ${offset}`;
    super(`${file}${byte}: ${problem}`);
    this.file = file;
    this.offset = offset;
  }
}

/** Why a file or folder cannot be read, on one line: in plain words where there are some, else what the system says. */
export function systemProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "does not exist";
  if (code === "ENOTDIR") return "is not a folder";
  if (code === "EISDIR") return "is a folder, not a file";
  return error instanceof Error ? error.message : String(error);
}
