/** WebGPU as a backend: asks for a device, then loads plans into it. */

import { DeviceLostError, UnavailableError } from "@adjoint/core";
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
 * caller stays the caller's, who is asked for another one after that is lost if a function was given.
 *
 * Opening it throws UnavailableError without WebGPU or an adapter, DeviceLostError for a given device that is lost. Loading throws VerificationError for a plan of another
 * target and MemoryError when the device has not as much memory as the plans need.
 */
export function gpu(
  given: GpuOptions | WebGpuDevice | (() => WebGpuDevice | Promise<WebGpuDevice>) = {},
): BackendRequest {
  if (typeof given === "function") return new Request(async () => Device.open(deviceOf(await given())));
  if ("createShaderModule" in given) return new Request(() => openGiven(deviceOf(given)));
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

/** @throws DeviceLostError that says how to go on, because another device is not the caller's. */
async function openGiven(device: GPUDevice): Promise<Device> {
  try {
    return await Device.open(device);
  } catch (error) {
    if (!(error instanceof DeviceLostError)) throw error;
    throw new DeviceLostError(
      `The device given to gpu() is lost: ${error.message} Compile again with gpu(device) of another one, or give gpu() ` +
        "a function that returns devices, and a session can recover.",
      "gpu",
    );
  }
}

function deviceOf(given: WebGpuDevice): GPUDevice {
  if (isDevice(given)) return given;
  throw new UnavailableError("gpu() was given something that is no GPUDevice.", "gpu");
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
