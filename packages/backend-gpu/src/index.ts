/** `@adjoint/backend-gpu`: executes plans on WebGPU. */

export type { GpuOptions, WebGpu, WebGpuDevice } from "./gpu.js";
export { gpu } from "./gpu.js";
