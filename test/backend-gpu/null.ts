/** Dawn's null backend: it validates every shader and every call, needs no driver, and computes nothing. */

import { type GpuOptions, gpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import type { Backend } from "@adjoint/scheduler";
import { createDawn, leastDevice } from "./dawn.js";

export const nullGpu = await createDawn("backend=null");

export function openNull(options: GpuOptions = {}): Promise<Backend> {
  return gpu({ gpu: nullGpu, ...options }).open();
}

/** A device with the limits that every device has and no feature but those named. */
export function nullDevice(...features: readonly string[]): Promise<WebGpuDevice> {
  return leastDevice(nullGpu, features);
}
