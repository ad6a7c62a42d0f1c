/**
 * The WebGPU of the machine the tests run on: a browser's own, or Dawn in Node on whatever driver there is, among them the
 * software driver that comes with Debian's chromium. Without one it says why.
 */

import { type GpuOptions, gpu } from "@adjoint/backend-gpu";
import { UnavailableError } from "@adjoint/core";
import type { Backend, BackendRequest } from "@adjoint/scheduler";
import { clearingByLoop, createDawn } from "./dawn.js";

/** Dawn in Node looks for drivers where the environment says; this one needs no GPU. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Where adapters come from in Node; nothing in browsers, which have their own. */
async function inNode(): Promise<GpuOptions> {
  if (typeof process === "undefined") return {};
  const { existsSync } = await import("node:fs");
  if (process.env["VK_ICD_FILENAMES"] === undefined && existsSync(softwareDriver))
    process.env["VK_ICD_FILENAMES"] = softwareDriver;
  return { gpu: await createDawn(clearingByLoop) };
}

/** The backend, or the reason why there is none. */
export async function openGpu(options: GpuOptions = {}): Promise<Backend | string> {
  const request = await requestGpu(options);
  return typeof request === "string" ? request : request.open();
}

/** What asks for a device, or the reason why there is none. */
export async function requestGpu(options: GpuOptions = {}): Promise<BackendRequest | string> {
  const request = gpu({ ...(await inNode()), ...options });
  try {
    await request.open();
    return request;
  } catch (error) {
    if (error instanceof UnavailableError) return error.message;
    throw error;
  }
}
