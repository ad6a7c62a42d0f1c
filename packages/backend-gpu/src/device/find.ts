/** Where WebGPU comes from: the browser's `navigator.gpu`, or the package `webgpu` (Dawn) in Node. */

import { UnavailableError } from "@adjoint/core";

/** The key under which the one Dawn instance of a process is kept. */
const key = Symbol.for("adjoint.webgpu");
/** In a variable, so that bundlers do not look for a package that only Node has. */
const dawn = "webgpu";

const advice =
  "In Node, install the package webgpu (npm install webgpu) and a Vulkan, Metal or Direct3D driver; " +
  "in a browser, use one that has WebGPU, over https or on localhost.";

function property(of: unknown, name: PropertyKey): unknown {
  return (typeof of === "object" && of !== null) || typeof of === "function"
    ? Reflect.get(of, name)
    : undefined;
}

export function isGpu(value: unknown): value is GPU {
  return typeof property(value, "requestAdapter") === "function";
}

/** @throws UnavailableError naming what was tried. */
export async function findGpu(): Promise<GPU> {
  const offered = property(property(globalThis, "navigator"), "gpu");
  if (isGpu(offered)) return offered;
  const kept = property(globalThis, key);
  if (isGpu(kept)) return kept;
  if (property(property(property(globalThis, "process"), "versions"), "node") === undefined) {
    throw new UnavailableError(`There is no navigator.gpu here. ${advice}`, "webgpu");
  }
  const created = await createDawn();
  // Dawn crashes when its instance is collected before the last of its devices: it is kept for good.
  Reflect.set(globalThis, key, created);
  return created;
}

async function createDawn(): Promise<GPU> {
  let module: unknown;
  try {
    module = await import(/* @vite-ignore */ dawn);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnavailableError(
      `There is no navigator.gpu, and package webgpu: ${reason} ${advice}`,
      "webgpu",
    );
  }
  const create = property(module, "create");
  const made: unknown = typeof create === "function" ? create([]) : undefined;
  if (!isGpu(made)) throw new UnavailableError(`Package webgpu has no function create. ${advice}`, "webgpu");
  return made;
}

/** A device with as much as its adapter offers of what shaders here use. @throws UnavailableError without an adapter. */
export async function requestDevice(gpu: GPU, options: GPURequestAdapterOptions): Promise<GPUDevice> {
  // One device per adapter: Dawn does not give a second.
  const adapter = await given("adapter", gpu.requestAdapter(options));
  if (adapter === null) {
    throw new UnavailableError(
      `WebGPU is here, but found no adapter: a driver is missing. ${advice}`,
      "adapter",
    );
  }
  const wanted: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];
  const limits = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
  ] as const;
  const device = adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  });
  return given("device", device);
}

/** What was asked for. @throws UnavailableError with the reason why it is not given. */
async function given<T>(what: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnavailableError(`WebGPU gives no ${what}: ${reason}. ${advice}`, what);
  }
}
