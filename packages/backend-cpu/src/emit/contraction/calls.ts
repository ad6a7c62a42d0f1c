/** Calls of the parts of a contraction, with the buffers, scratch memory, and positions on the axes of the loops. It refuses to know the parts. */

import type { Kernel } from "@adjoint/core/kernel";
import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import type { Own, Shape } from "./parts.js";
import type { Contraction } from "./recognize.js";
import type { Walk } from "./walk.js";

export class Calls {
  readonly #emission: Emission;
  readonly #body: FunctionBody;
  readonly #contraction: Contraction;
  readonly #walk: Walk;

  constructor(emission: Emission, body: FunctionBody, contraction: Contraction, walk: Walk) {
    this.#emission = emission;
    this.#body = body;
    this.#contraction = contraction;
    this.#walk = walk;
  }

  /** Calls a part with the buffers, its scratch memory and the positions of its given axes. */
  call(part: Kernel, scratch: number, { given }: Shape, offset?: () => void): void {
    const body = this.#body;
    for (const buffer of this.#contraction.kernel.buffers.keys()) body.get(buffer);
    this.pushScratch(scratch);
    if (offset !== undefined) {
      offset();
      body.op("i32.add");
    }
    for (const { axis } of given) this.#walk.push(axis);
    body.call(this.#emission.part(part, given.length));
  }

  /** Leaves on the stack the address of the thread's scratch memory at an offset. */
  pushScratch(offset: number): void {
    this.#body.get(this.#emission.scratchOf(this.#contraction.kernel));
    this.#body.i32(offset);
    this.#body.op("i32.add");
  }

  shape(axes: readonly number[], own: readonly Own[]): Shape {
    const given = axes.map((axis) => {
      return { axis, positions: this.#walk.extentOf(axis) - this.#walk.sizeOf(axis) + 1 };
    });
    return { given, own };
  }
}
