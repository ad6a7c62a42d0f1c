/** How a shader sees the buffers of its kernel: bindings, and the text of loads and stores. */

import type { Kernel } from "@adjoint/core/kernel";
import { type StoredType, storedType } from "../wgsl/types.js";

/** `elements`: of the buffer's own type. `quads`: four at once. `words`: any type, as 32-bit words of a larger range. */
export type Layout = "elements" | "quads" | "words";

/** Where a kernel's buffer is among the bindings of its shader. */
export interface View {
  readonly binding: number;
  /** Words from the start of the binding. */
  readonly base: number;
}

export interface Binding {
  readonly layout: Layout;
  readonly access: "read" | "read_write";
  /** What an element is; of no meaning for words. */
  readonly type: StoredType;
  /** Elements, quads or words. */
  readonly size: number;
}

interface Place extends View {
  readonly layout: Layout;
  readonly type: StoredType;
  readonly bool: boolean;
}

export class Memory {
  readonly bindings: readonly Binding[];
  readonly #places: readonly Place[];
  readonly #written: readonly boolean[];

  constructor({ buffers }: Kernel, views: readonly View[], bindings: readonly Binding[]) {
    this.bindings = bindings;
    this.#places = buffers.map(({ dtype }, buffer) => {
      const view = views[buffer] ?? { binding: 0, base: 0 };
      const layout = bindings[view.binding]?.layout ?? "elements";
      return { ...view, layout, type: storedType(dtype), bool: dtype === "bool" };
    });
    const written = buffers.flatMap(({ access }, buffer) => (access === "read" ? [] : [this.#at(buffer)]));
    this.#written = this.#places.map((place) =>
      written.some(({ binding, base }) => binding === place.binding && base === place.base),
    );
  }

  /** Whether the kernel stores into the memory that this buffer is, so that a load must stay where it is. */
  isWritten(buffer: number): boolean {
    return this.#written[buffer] === true;
  }

  /** The first of the buffers that are the same memory. */
  first(buffer: number): number {
    const { binding, base } = this.#at(buffer);
    return this.#places.findIndex((place) => place.binding === binding && place.base === base);
  }

  layoutOf(buffer: number): Layout {
    return this.#at(buffer).layout;
  }

  /** The value at an index, widened or as a truth value. */
  load(buffer: number, index: string): string {
    const place = this.#at(buffer);
    const element = read(place, index);
    if (place.bool) return `${element} != 0u`;
    return place.type === "f16" ? `f32(${element})` : element;
  }

  /** Four elements at a quad's index, halves widened. */
  loadQuad(buffer: number, quad: string): string {
    const { binding, type } = this.#at(buffer);
    return type === "f16" ? `vec4<f32>(b${binding}[${quad}])` : `b${binding}[${quad}]`;
  }

  /** The value of one element of what `loadQuad` gave. */
  ofQuad(buffer: number, quad: string, element: number): string {
    return this.#at(buffer).bool ? `${quad}[${element}] != 0u` : `${quad}[${element}]`;
  }

  store(buffer: number, index: string, value: string): string {
    const place = this.#at(buffer);
    const stored = place.bool ? `select(0u, 1u, ${value})` : place.type === "f16" ? `f16(${value})` : value;
    if (place.layout === "words")
      return `b${place.binding}[${place.base}i + ${index}] = bitcast<u32>(${stored});`;
    const at = place.layout === "quads" ? `(${index}) >> 2u][(${index}) & 3i` : index;
    return `b${place.binding}[${at}] = ${stored};`;
  }

  /** Stores four values at a quad's index. */
  storeQuad(buffer: number, quad: string, values: readonly string[]): string {
    const { binding, type, bool } = this.#at(buffer);
    const stored = values.map((value) => (bool ? `select(0u, 1u, ${value})` : value)).join(", ");
    const quads = type === "f16" ? `vec4<f16>(vec4<f32>(${stored}))` : `vec4<${type}>(${stored})`;
    return `b${binding}[${quad}] = ${quads};`;
  }

  /** The declarations of the bindings. */
  declare(): string {
    const lines = this.bindings.map(({ layout, access, type, size }, binding) => {
      const element = layout === "words" ? "u32" : layout === "quads" ? `vec4<${type}>` : type;
      return `@group(0) @binding(${binding}) var<storage, ${access}> b${binding}: array<${element}, ${Math.max(1, size)}>;`;
    });
    return lines.join("\n");
  }

  #at(buffer: number): Place {
    return this.#places[buffer] ?? { binding: 0, base: 0, layout: "elements", type: "f32", bool: false };
  }
}

function read({ binding, base, layout, type }: Place, index: string): string {
  if (layout === "quads") return `b${binding}[(${index}) >> 2u][(${index}) & 3i]`;
  if (layout === "elements") return `b${binding}[${index}]`;
  // Two halves are a word.
  if (type === "f16") return `unpack2x16float(b${binding}[${base}i + ((${index}) >> 1u)])[(${index}) & 1i]`;
  return `bitcast<${type}>(b${binding}[${base}i + ${index}])`;
}
