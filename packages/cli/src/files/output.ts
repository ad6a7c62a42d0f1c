/** Writes what a command gives: a file, whole or not at all, or standard output for "-". It refuses to know commands. */

import { extname } from "node:path";
import { writeWhole } from "@adjoint/interchange/node";
import { UsageError } from "../errors.js";
import type { Terminal } from "../terminal.js";

export async function writeOutput(
  file: string | undefined,
  contents: string | Uint8Array,
  { stdout }: Terminal,
): Promise<void> {
  if (file === undefined || file === "-") stdout.write(contents);
  else await writeWhole(file, contents);
}

export function writeJson({ stdout }: Terminal, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, 1)}\n`);
}

/** The format that a file's name asks for. @throws UsageError that lists the known ones. */
export function formatOf<Format extends string>(
  file: string,
  formats: Readonly<Record<Format, unknown>>,
): Format {
  const extension = extname(file).slice(1).toLowerCase();
  const known = Object.keys(formats);
  const isKnown = (name: string): name is Format => known.includes(name);
  if (isKnown(extension)) return extension;
  throw new UsageError(
    `${file}: its name must end in ${known.map((name) => `.${name}`).join(", ")}, which says what is written`,
  );
}
