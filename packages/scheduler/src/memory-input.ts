/** The error of input data that no plan can be made for. It names the offending item and field, and refuses to guess. */

import { AdjointError } from "@adjoint/core";

/** Input that is not what it must be: `address` is `buffers[3].size`, or the name of an option. */
export class MemoryInputError extends AdjointError {
  /** Index of the offending item in its list; undefined where an option is at fault. */
  readonly item: number | undefined;
  /** Name of the offending field or option. */
  readonly field: string;

  constructor(
    place: { readonly list: string; readonly item: number } | undefined,
    field: string,
    problem: string,
  ) {
    const address = place === undefined ? field : `${place.list}[${place.item}].${field}`;
    super(`${address} ${problem}`, address);
    this.item = place?.item;
    this.field = field;
  }
}

/** How a value that is not what it must be is told. */
export function shown(found: unknown): string {
  if (typeof found === "string") return JSON.stringify(found);
  if (Array.isArray(found)) return "a list";
  return typeof found === "object" && found !== null ? "an object" : String(found);
}

/** A list as it is. @throws MemoryInputError for anything else. */
export function checkList<T>(list: readonly T[], field: string, of: string): readonly T[] {
  if (Array.isArray(list)) {
    for (let item = 0; item < list.length; item++) {
      if (!(item in list)) throw new MemoryInputError(undefined, `${field}[${item}]`, "is missing; give one");
    }
    return list;
  }
  const problem = list === undefined ? "is missing" : `is ${shown(list)}`;
  throw new MemoryInputError(undefined, field, `${problem}; give a list of ${of}`);
}

/** @throws MemoryInputError for seconds that are given and are no finite number of at least 0. */
export function checkSeconds(seconds: unknown, field: string): void {
  if (seconds === undefined || (typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0))
    return;
  const problem = `is ${shown(seconds)}; give seconds, finite and at least 0, or leave it out`;
  throw new MemoryInputError(undefined, field, problem);
}

/** @throws MemoryInputError for a signal or a listener that is given and is none. */
export function checkListeners({ signal, onProgress }: { signal?: unknown; onProgress?: unknown }): void {
  const aborts = signal === undefined || signal instanceof AbortSignal;
  if (!aborts) throw new MemoryInputError(undefined, "signal", `is ${shown(signal)}; give an AbortSignal`);
  const listens = onProgress === undefined || typeof onProgress === "function";
  if (!listens)
    throw new MemoryInputError(undefined, "onProgress", `is ${shown(onProgress)}; give a function`);
}

/** The options as they are. @throws MemoryInputError for what is no object. */
export function checkRecord<T>(options: T): T {
  if (typeof options === "object" && options !== null) return options;
  throw new MemoryInputError(undefined, "options", `are ${shown(options)}; give an object`);
}

/** @throws MemoryInputError for an amount that is no number of at least 0; it may be infinite. */
export function checkAmount(amount: unknown, field: string): void {
  if (typeof amount === "number" && amount >= 0) return;
  throw new MemoryInputError(undefined, field, `is ${shown(amount)}; give a number of at least 0`);
}

/** @throws MemoryInputError for a seed that is given and is no whole number. */
export function checkSeed(seed: unknown): void {
  if (seed === undefined || Number.isSafeInteger(seed)) return;
  throw new MemoryInputError(undefined, "seed", `is ${shown(seed)}; give a whole number, or leave it out`);
}
