/** `@adjoint/backend-cpu`: runs plans on the CPU as generated WebAssembly. */

export { cpu } from "./cpu.js";
export { type CompiledKernel, compileKernel } from "./load/kernel.js";
