// Which backends may train, and how the page calls the one that does.

import { cpu } from "@adjoint/backend-cpu";
import { gpu } from "@adjoint/backend-gpu";
import type { CompileOptions } from "@adjoint/scheduler";
import type { Choice } from "./messages.js";

/** What `compile` tries, in order. */
export const candidates: Readonly<Record<Choice, () => CompileOptions["backend"]>> = {
  gpu: () => [gpu(), cpu()],
  cpu: () => cpu(),
};

/** A backend in words: what it is, and what is known of the device. */
export interface Description {
  readonly name: string;
  readonly detail: string;
}

/** Describes the backend of a target's name. */
export async function describeBackend(target: string): Promise<Description> {
  if (target === "cpu") return { name: "CPU", detail: "WebAssembly" };
  const adapter = await navigator.gpu.requestAdapter();
  const { vendor = "", architecture = "", description = "" } = adapter?.info ?? {};
  return { name: "GPU", detail: `WebGPU ${description || `${vendor} ${architecture}`.trim()}`.trim() };
}
