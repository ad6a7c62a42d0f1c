/** A device with what is kept for as long as it lives. */

import type { DType } from "@adjoint/core";
import type { Target } from "@adjoint/scheduler/plan";
import { Pipelines } from "./pipelines.js";

export class Device {
  readonly gpu: GPUDevice;
  readonly pipelines: Pipelines;
  readonly target: Target;
  /** Resolves with a reason when the device is lost. */
  readonly lost: Promise<string>;
  #isLost = false;
  #problem: string | undefined;

  constructor(gpu: GPUDevice) {
    this.gpu = gpu;
    this.pipelines = new Pipelines(gpu);
    this.target = targetOf(gpu);
    this.lost = gpu.lost.then(({ reason, message }) => {
      this.#isLost = true;
      return message === "" ? `The device is gone (${reason}).` : message;
    });
    gpu.addEventListener("uncapturederror", (event) => {
      this.#problem ??= event.error.message;
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** What the device last found wrong with its use, once. */
  takeProblem(): string | undefined {
    const problem = this.#problem;
    this.#problem = undefined;
    return problem;
  }
}

/** Largest alignment that WebGPU lets a device ask for: plans are made for all. */
const alignment = 256;

function targetOf(gpu: GPUDevice): Target {
  const dtypes: DType[] = ["float32", "int32", "uint32", "bool"];
  if (gpu.features.has("shader-f16")) dtypes.push("float16");
  return {
    name: "gpu",
    dtypes,
    alignment,
    limits: {
      bufferBytes: Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize),
      arenaBytes: gpu.limits.maxBufferSize,
    },
  };
}
