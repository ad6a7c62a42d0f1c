/** A device with what is kept for as long as it lives. */

import type { Target } from "@adjoint/scheduler/plan";
import { Pipelines } from "./pipelines.js";
import { leastSubgroup, subgroupOf } from "./subgroups.js";
import { targetOf } from "./target.js";

export class Device {
  readonly gpu: GPUDevice;
  readonly pipelines: Pipelines;
  readonly target: Target;
  /** Threads that every subgroup has at least, all neighbors; undefined where shaders do without subgroups. */
  readonly subgroup: number | undefined;
  /** Resolves with a reason when the device is lost. */
  readonly lost: Promise<string>;
  #isLost = false;
  #problem: string | undefined;

  /** `subgroups` says whether they are used; found out by trying unless given. */
  static async open(gpu: GPUDevice, subgroups?: boolean): Promise<Device> {
    if (subgroups === undefined) return new Device(gpu, await subgroupOf(gpu));
    return new Device(gpu, subgroups && gpu.features.has("subgroups") ? leastSubgroup(gpu) : undefined);
  }

  private constructor(gpu: GPUDevice, subgroup: number | undefined) {
    this.gpu = gpu;
    this.subgroup = subgroup;
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
