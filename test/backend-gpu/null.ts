/** Dawn's null backend: it validates every shader and every call, needs no driver, and computes nothing. */

import { gpu, type WebGpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import type { Backend } from "@adjoint/scheduler";

/** In a variable: the package's types are for programs that have the document's as well. */
const dawn: string = "webgpu";
const { create }: { create(options: readonly string[]): WebGpu } = await import(dawn);

/** Dawn crashes when its instance is collected before its devices: it lives as long as this module. */
const instance = create(["backend=null"]);

export function openNull(): Promise<Backend> {
  return gpu({ gpu: instance }).open();
}

/** A device of a fresh adapter, with the limits that every device has and no feature. */
export async function nullDevice(): Promise<WebGpuDevice> {
  const adapter: unknown = await instance.requestAdapter();
  if (!isAdapter(adapter)) throw new Error("the null backend has no adapter");
  return adapter.requestDevice();
}

function isAdapter(value: unknown): value is { requestDevice(): Promise<WebGpuDevice> } {
  return typeof value === "object" && value !== null && "requestDevice" in value;
}
