/**
 * Compiled modules by content: what was emitted for equal kernels in equal places is compiled once, and what the engine has
 * optimized since is optimized for every later load. It refuses to hold memory or numbers.
 */

import type { Plan } from "@adjoint/scheduler/plan";
import { kernelKey } from "../emit/key.js";
import type { Layout } from "./layout.js";
import type { Built } from "./program.js";

export interface Compiled {
  readonly built: Built;
  readonly module: WebAssembly.Module;
}

/** Modules kept: those of a few programs and their variants. */
const capacity = 8;

export class ModuleCache {
  readonly #entries = new Map<string, Compiled>();

  find(key: string): Compiled | undefined {
    const found = this.#entries.get(key);
    if (found !== undefined) this.add(key, found);
    return found;
  }

  /** Adds or renews an entry; the one unused for longest makes room. */
  add(key: string, compiled: Compiled): void {
    this.#entries.delete(key);
    this.#entries.set(key, compiled);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** A text that is equal exactly for plans of which equal modules are made. */
export function contentKey(plans: ReadonlyMap<string, Plan>, layout: Layout): string {
  return [...plans]
    .map(([program, { kernels, steps }]) =>
      JSON.stringify([
        program,
        layout.bytes,
        layout.programs.get(program)?.addresses,
        kernels.map(kernelKey),
        steps.map(({ kernel, buffers }) => [kernel, buffers]),
      ]),
    )
    .join("\n");
}
