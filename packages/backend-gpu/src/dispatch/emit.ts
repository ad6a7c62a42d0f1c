/** The shader of a dispatch. */

import { type Binding, Memory, type View } from "../shader/memory.js";
import { emitNest } from "../shader/nest.js";
import type { Shader } from "../shader/shader.js";
import type { Dispatch } from "./dispatch.js";

export function emit(
  { kernel, strategy }: Dispatch,
  views: readonly View[],
  bindings: readonly Binding[],
): Shader {
  return emitNest(kernel, new Memory(kernel, views, bindings), strategy.shape);
}
