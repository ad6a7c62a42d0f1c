/** The shader of a dispatch, for a device with subgroups of at least so many threads, or without. */

import { emitContraction } from "../contraction/emit.js";
import { type Binding, Memory, type View } from "../shader/memory.js";
import { emitNest } from "../shader/nest.js";
import type { Shader } from "../shader/shader.js";
import type { Dispatch } from "./dispatch.js";

export function emit(
  { kernel, strategy }: Dispatch,
  views: readonly View[],
  bindings: readonly Binding[],
  subgroup: number | undefined,
): Shader {
  const memory = new Memory(kernel, views, bindings);
  return strategy.kind === "tiles"
    ? emitContraction(kernel, memory, strategy.tiling)
    : emitNest(kernel, memory, strategy.shape, subgroup);
}
