/** A device with what is kept for as long as it lives. */

import { DeviceLostError } from "@adjoint/core";
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
  readonly #listeners = new Set<(reason: string) => void>();
  #reason: string | undefined;

  /** `subgroups` says whether they are used; found out by trying unless given. @throws DeviceLostError */
  static async open(gpu: GPUDevice, subgroups?: boolean): Promise<Device> {
    const lost = await Promise.race([gpu.lost, undefined]);
    if (lost !== undefined) throw new DeviceLostError(reasonOf(lost), "gpu");
    if (subgroups === undefined) return new Device(gpu, await subgroupOf(gpu));
    return new Device(gpu, subgroups && gpu.features.has("subgroups") ? leastSubgroup(gpu) : undefined);
  }

  private constructor(gpu: GPUDevice, subgroup: number | undefined) {
    this.gpu = gpu;
    this.subgroup = subgroup;
    this.pipelines = new Pipelines(gpu);
    this.target = targetOf(gpu);
    // A device that lives on must not keep this, with all its pipelines.
    const self = new WeakRef(this);
    gpu.lost.then((lost) => {
      const device = self.deref();
      if (device !== undefined) device.#lose(reasonOf(lost));
    });
  }

  get isLost(): boolean {
    return this.#reason !== undefined;
  }

  /** Calls `listener` once when the device is lost, or at once where it is; gives what takes that back. */
  onLost(listener: (reason: string) => void): () => void {
    if (this.#reason === undefined) this.#listeners.add(listener);
    else listener(this.#reason);
    return () => this.#listeners.delete(listener);
  }

  #lose(reason: string): void {
    this.#reason = reason;
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }
}

function reasonOf({ reason, message }: GPUDeviceLostInfo): string {
  return message === "" ? `The device is gone (${reason}).` : message;
}
