/** Dawn in Node, as the package webgpu makes it. It refuses to look for drivers. */

import type { WebGpu, WebGpuDevice } from "@adjoint/backend-gpu";

/** In a variable: the package's types are for programs that have the document's as well. */
const dawn: string = "webgpu";

/**
 * SwiftShader takes five times as long to compile a shader whose workgroup memory is zero by a constant as one in which a loop
 * clears it. It is clear either way.
 */
export const clearingByLoop = "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";

/** Dawn crashes when an instance is collected before its devices: they live as long as this module. */
const instances: WebGpu[] = [];

export async function createDawn(...options: readonly string[]): Promise<WebGpu> {
  const { create }: { create(options: readonly string[]): WebGpu } = await import(/* @vite-ignore */ dawn);
  const instance = create(options);
  instances.push(instance);
  return instance;
}

/** A device of a fresh adapter, with the limits that every device has and no feature but those named. */
export async function leastDevice(gpu: WebGpu, features: readonly string[] = []): Promise<WebGpuDevice> {
  const adapter: unknown = await gpu.requestAdapter();
  if (!isAdapter(adapter)) throw new Error("there is no adapter");
  return adapter.requestDevice({ requiredFeatures: features });
}

interface Adapter {
  requestDevice(descriptor: { readonly requiredFeatures: readonly string[] }): Promise<WebGpuDevice>;
}

function isAdapter(value: unknown): value is Adapter {
  return typeof value === "object" && value !== null && "requestDevice" in value;
}
