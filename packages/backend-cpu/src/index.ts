/** `@adjoint/backend-cpu`: runs plans on the CPU as generated WebAssembly. */

export { type CpuBackend, type CpuTarget, cpu } from "./cpu.js";
export type { CpuOptions } from "./engine/detect.js";
export { type CompiledKernel, compileKernel } from "./load/kernel.js";
