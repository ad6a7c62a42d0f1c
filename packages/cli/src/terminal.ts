/** The streams of a command; `process` is one set. It refuses to open files. */

export interface Output {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line, of a terminal. */
  readonly columns?: number | undefined;
  write(contents: string | Uint8Array): unknown;
}

export interface Terminal {
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
}
