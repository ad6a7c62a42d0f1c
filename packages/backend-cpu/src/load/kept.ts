/** Modules kept by what they were built from. It refuses to build. */

import { AdjointError, parseJson } from "@adjoint/core";
import { json, release } from "@adjoint/core/kernel";
import type { ContentCache } from "@adjoint/scheduler/plan";
import type { Built } from "./program.js";

const what = "cpu";
const newline = 10;

/** The module that was kept for a content; where there is none, what `build` builds, which is kept. */
export async function keptModule(
  cache: ContentCache | undefined,
  key: string,
  build: () => Promise<Built>,
): Promise<Built> {
  return cache === undefined ? build() : cache.remember(what, `${release} ${key}`, { encode, decode }, build);
}

/** A line of JSON, then the module. */
function encode({ bytes, programs, ...rest }: Built): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify({ ...rest, programs: [...programs] })}\n`);
  const all = new Uint8Array(line.length + bytes.length);
  all.set(line);
  all.set(bytes, line.length);
  return all;
}

/** Undefined for what this code cannot read, whatever wrote it. */
function decode(all: Uint8Array<ArrayBuffer>): Built | undefined {
  const end = all.indexOf(newline);
  try {
    const at = json.readRecord(parseJson(new TextDecoder().decode(all.subarray(0, Math.max(0, end)))), what);
    const natural = (name: string): number => json.readNatural(at.get(name), name);
    const bytes = all.slice(end + 1);
    if (!WebAssembly.validate(bytes)) return undefined;
    return {
      bytes,
      threads: natural("threads"),
      scratch: natural("scratch"),
      memoryBytes: natural("memoryBytes"),
      control: at.get("control") === undefined ? undefined : natural("control"),
      programs: new Map(json.readList(at.get("programs"), "programs", readProgram)),
    };
  } catch (error) {
    if (error instanceof AdjointError) return undefined;
    throw error;
  }
}

function readProgram(value: unknown, path: string): [string, boolean] {
  const [name, divided] = json.readList(value, path, (entry) => entry);
  return [json.readString(name, path), json.readBoolean(divided, path)];
}
