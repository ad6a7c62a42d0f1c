/** A device with what is kept for as long as it lives. */

import type { Target } from "@adjoint/scheduler/plan";
import { Pipelines } from "./pipelines.js";
import { targetOf } from "./target.js";

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
