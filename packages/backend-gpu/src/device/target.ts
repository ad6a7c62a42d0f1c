/** What plans for WebGPU may use. It refuses to ask for a device. */

import type { DType } from "@adjoint/core";
import type { Target } from "@adjoint/scheduler/plan";

/** Largest alignment that WebGPU lets a device ask for: plans are made for all. */
const alignment = 256;

/** What a target depends on: a device has it. */
export interface Capabilities {
  readonly features: { has(feature: string): boolean };
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxBufferSize: number };
}

export function targetOf({ features, limits }: Capabilities): Target {
  const dtypes: DType[] = ["float32", "int32", "uint32", "bool"];
  if (features.has("shader-f16")) dtypes.push("float16");
  return {
    name: "gpu",
    dtypes,
    alignment,
    limits: {
      bufferBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
      pageBytes: Math.floor(limits.maxBufferSize / alignment) * alignment,
    },
  };
}

/** The target that every device meets: no feature, and the default limits of https://www.w3.org/TR/webgpu/#limits. */
export function leastTarget(): Target {
  return targetOf({
    features: new Set<string>(),
    limits: { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 },
  });
}
