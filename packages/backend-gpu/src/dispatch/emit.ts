/** The shader of a dispatch. */

import { emitContraction } from "../contraction/emit.js";
import { type Binding, Memory, type View } from "../shader/memory.js";
import { emitNest } from "../shader/nest.js";
import type { Shader } from "../shader/shader.js";
import type { Dispatch } from "./dispatch.js";

export function emit(
  { kernel, strategy }: Dispatch,
  views: readonly View[],
  bindings: readonly Binding[],
): Shader {
  const memory = new Memory(kernel, views, bindings);
  return strategy.kind === "tiles"
    ? emitContraction(kernel, memory, strategy.tiling)
    : emitNest(kernel, memory, strategy.shape);
}
