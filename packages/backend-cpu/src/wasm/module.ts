/** A WebAssembly module of functions over one imported memory. It refuses to know what the functions do. */

import { Bytes } from "./bytes.js";
import type { FunctionBody } from "./function.js";
import { type FunctionType, type ValueType, valueTypes } from "./types.js";

export interface MemoryImport {
  /** Pages of 64 KiB; also the maximum. */
  readonly pages: number;
  readonly shared: boolean;
}

/** Where the module looks for its memory. */
export const memoryImport = { module: "host", name: "memory" } as const;

const sections = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #typeBytes = new Bytes();
  readonly #functionTypes: number[] = [];
  readonly #code = new Bytes();
  readonly #exports: { name: string; index: number }[] = [];

  /** Adds a finished function and returns its index. */
  add(body: FunctionBody): number {
    this.#functionTypes.push(this.#typeIndex(body.type));
    this.#code.sized(body.done());
    return this.#functionTypes.length - 1;
  }

  export(name: string, index: number): void {
    this.#exports.push({ name, index });
  }

  /** The bytes of the module, which imports such a memory. */
  done(memory: MemoryImport): Uint8Array<ArrayBuffer> {
    const bytes = new Bytes();
    bytes.append(new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]));
    const section = (id: number, count: number, content: Bytes): void => {
      const counted = new Bytes();
      counted.unsigned(count);
      counted.append(content.done());
      bytes.byte(id);
      bytes.sized(counted.done());
    };
    section(sections.type, this.#types.size, this.#typeBytes);
    section(sections.import, 1, importOf(memory));
    const functions = new Bytes();
    for (const type of this.#functionTypes) functions.unsigned(type);
    section(sections.function, this.#functionTypes.length, functions);
    const exports = new Bytes();
    for (const { name, index } of this.#exports) {
      exports.name(name);
      exports.byte(0x00);
      exports.unsigned(index);
    }
    section(sections.export, this.#exports.length, exports);
    section(sections.code, this.#functionTypes.length, this.#code);
    return bytes.done();
  }

  #typeIndex({ params, results }: FunctionType): number {
    const key = `${params.join()}:${results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const list = (types: readonly ValueType[]): void => {
      this.#typeBytes.unsigned(types.length);
      for (const type of types) this.#typeBytes.byte(valueTypes[type]);
    };
    this.#typeBytes.byte(0x60);
    list(params);
    list(results);
    this.#types.set(key, this.#types.size);
    return this.#types.size - 1;
  }
}

function importOf({ pages, shared }: MemoryImport): Bytes {
  const content = new Bytes();
  content.name(memoryImport.module);
  content.name(memoryImport.name);
  content.byte(0x02);
  content.byte(shared ? 0x03 : 0x01);
  content.unsigned(pages);
  content.unsigned(pages);
  return content;
}
