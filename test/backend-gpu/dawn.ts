/** Dawn in Node, as the package webgpu makes it. It refuses to look for drivers. */

import type { WebGpu } from "@adjoint/backend-gpu";

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
