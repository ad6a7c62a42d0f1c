/** Dawn's null backend: it validates every shader and every call, needs no driver, and computes nothing. */

import { gpu, type WebGpu } from "@adjoint/backend-gpu";
import type { Backend } from "@adjoint/scheduler";

/** In a variable: the package's types are for programs that have the document's as well. */
const dawn: string = "webgpu";
const { create }: { create(options: readonly string[]): WebGpu } = await import(dawn);

/** Dawn crashes when its instance is collected before its devices: it lives as long as this module. */
const instance = create(["backend=null"]);

export function openNull(): Promise<Backend> {
  return gpu({ gpu: instance }).open();
}
