/** Dawn's null backend: it validates every shader and every call, needs no driver, and computes nothing. */

import { type GpuOptions, gpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import type { Backend } from "@adjoint/scheduler";
import { createDawn } from "./dawn.js";

export const nullGpu = await createDawn("backend=null");

export function openNull(options: GpuOptions = {}): Promise<Backend> {
  return gpu({ gpu: nullGpu, ...options }).open();
}

/** A device of a fresh adapter, with the limits that every device has and no feature. */
export async function nullDevice(): Promise<WebGpuDevice> {
  const adapter: unknown = await nullGpu.requestAdapter();
  if (!isAdapter(adapter)) throw new Error("the null backend has no adapter");
  return adapter.requestDevice();
}

function isAdapter(value: unknown): value is { requestDevice(): Promise<WebGpuDevice> } {
  return typeof value === "object" && value !== null && "requestDevice" in value;
}
