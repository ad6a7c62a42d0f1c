// Dawn in Node: from the file DAWN names, or the package webgpu. Peers look for `navigator.gpu`, so it is put there.

import { createRequire } from "node:module";
import type { WebGpu } from "@adjoint/backend-gpu";

interface Dawn {
  create(options: readonly string[]): WebGpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly features: readonly string[];
}

export interface Instance {
  readonly gpu: WebGpu;
  readonly info: AdapterInfo;
}

/** Dawn keeps halves from NVIDIA's driver unless told so. */
const halves = "enable-dawn-features=vulkan_enable_f16_on_nvidia";
/** A software driver compiles what has workgroup memory five times as long without it. */
const clearingByLoop = "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";

/** @throws Error where no adapter is found. */
export async function openInstance(): Promise<Instance> {
  const file = process.env["DAWN"];
  const dawn: string = "webgpu";
  const module: Dawn = file === undefined ? await import(dawn) : createRequire(import.meta.url)(file);
  const usual = module.create([halves]);
  const info = await infoOf(usual);
  const gpu = info.architecture === "swiftshader" ? module.create([halves, clearingByLoop]) : usual;
  Object.assign(globalThis, module.globals);
  const navigator = { gpu, userAgent: "Node.js", hardwareConcurrency: 4 };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  return { gpu, info };
}

async function infoOf(gpu: WebGpu): Promise<AdapterInfo> {
  const adapter: unknown = await gpu.requestAdapter();
  if (adapter === null) throw new Error("No adapter: is there a Vulkan driver? VK_DRIVER_FILES names one.");
  const { info, features }: { info: Omit<AdapterInfo, "features">; features: Iterable<string> } =
    Object(adapter);
  const { vendor, architecture, description } = info;
  return { vendor, architecture, description, features: [...features] };
}
