/** WebGPU as a backend: asks for a device, then loads plans into it. */

import { UnavailableError } from "@adjoint/core";
import type { Backend, BackendRequest, Executable, LoadOptions, Plan } from "@adjoint/scheduler/plan";
import { Device } from "./device/device.js";
import { findGpu, isGpu, requestDevice } from "./device/find.js";
import { loadPlans } from "./load/load.js";

/** A `GPU`, as `navigator.gpu` is one. Said by what it can do, since only some programs know WebGPU's types. */
export interface WebGpu {
  requestAdapter(...options: never[]): Promise<unknown>;
}

/** A `GPUDevice`. */
export interface WebGpuDevice {
  createShaderModule(...descriptor: never[]): unknown;
  readonly lost: Promise<unknown>;
}

export interface GpuOptions {
  /** The object that gives adapters, where it is not `navigator.gpu` or the package `webgpu`. */
  readonly gpu?: WebGpu;
  readonly powerPreference?: "low-power" | "high-performance";
  /** Whether shaders use subgroups where the device has them: unless given, where they are found to be as expected. */
  readonly subgroups?: boolean;
}

/**
 * A backend on WebGPU: in browsers through `navigator.gpu`, in Node through the package `webgpu`. All sessions of one
 * `gpu()` share a device, asked for when the first is compiled, and another one after that is lost. A device given by the
 * caller stays the caller's.
 *
 * Opening it throws UnavailableError without WebGPU or an adapter. Loading throws VerificationError for a plan of another
 * target and MemoryError when the device has not as much memory as the plans need.
 */
export function gpu(given: GpuOptions | WebGpuDevice = {}): BackendRequest {
  if ("createShaderModule" in given) {
    if (!isDevice(given))
      throw new UnavailableError("gpu() was given something that is no GPUDevice.", "gpu");
    return new Request(() => Device.open(given));
  }
  const { subgroups } = given;
  return new Request(async () => {
    if (given.gpu !== undefined && !isGpu(given.gpu))
      throw new UnavailableError("gpu() was given an option gpu that has no adapters.", "gpu");
    return Device.open(await requestDevice(given.gpu ?? (await findGpu()), options(given)), subgroups);
  });
}

function options({ powerPreference }: GpuOptions): GPURequestAdapterOptions {
  return { powerPreference: powerPreference ?? "high-performance" };
}

function isDevice(given: WebGpuDevice): given is GPUDevice {
  return "queue" in given && "limits" in given && "createComputePipelineAsync" in given;
}

class Request implements BackendRequest {
  readonly name = "gpu";
  readonly #request: () => Promise<Device>;
  #device: Promise<Device> | undefined;

  constructor(request: () => Promise<Device>) {
    this.#request = request;
  }

  async open(): Promise<Backend> {
    const anew = (): Promise<Device> => this.#request();
    const current = this.#device?.then((known) => (known.isLost ? anew() : known), anew) ?? anew();
    // At once: who opens meanwhile gets the same device.
    this.#device = current;
    const device = await current;
    return {
      target: device.target,
      load: (plans: ReadonlyMap<string, Plan>, loading?: LoadOptions): Promise<Executable> =>
        loadPlans(device, plans, loading),
    };
  }
}
