/** Compiles module bytes and binds them to a memory. */

import { VerificationError } from "@adjoint/core";
import { memoryImport } from "../wasm/module.js";

/** Runs the part of a thread in a program; `sleeps` is 1 where the thread may wait asleep. */
export type Run = (thread: number, sleeps: 0 | 1) => void;

/** @throws VerificationError when the engine refuses the module: a kernel beyond the engine's limits. */
export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytes).catch((cause: unknown) => {
    throw new VerificationError(`The engine refuses the generated module: ${String(cause)}`, "module");
  });
}

/** The exported functions of a module by name. */
export async function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<ReadonlyMap<string, Run>> {
  const { exports } = await WebAssembly.instantiate(module, {
    [memoryImport.module]: { [memoryImport.name]: memory },
  });
  const functions = new Map<string, Run>();
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function")
      throw new VerificationError(`The module exports ${name} as no function.`, name);
    functions.set(name, (thread, sleeps) => {
      value(thread, sleeps);
    });
  }
  return functions;
}
