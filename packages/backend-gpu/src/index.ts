/** `@adjoint/backend-gpu`: executes plans on WebGPU. */

export { leastTarget } from "./device/target.js";
export type { GpuOptions, WebGpu, WebGpuDevice } from "./gpu.js";
export { gpu } from "./gpu.js";
