/** The CPU backend: plans as generated WebAssembly. */

export { type CompiledKernel, compileKernel } from "./load/kernel.js";
