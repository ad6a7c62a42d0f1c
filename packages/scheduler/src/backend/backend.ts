/** The contract between a plan and what executes it. It refuses to know how. */

import type { DType } from "@adjoint/core";
import type { Plan } from "../plan/plan.js";

/** What planning must know of a device: plain data. */
export interface Target {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** Every buffer starts at a multiple of this many bytes, and its size is rounded up to it. */
  readonly alignment: number;
}

/** Elements as stored on the host: bool as bytes 0 and 1. */
export type HostArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | Uint16Array;

export interface LoadOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Loaded plans over one copy of their parameters and one arena as large as the largest. */
export interface Executable {
  /** Bytes of device memory held, all spaces together. */
  readonly bytes: number;
  /** Resolves with a reason when the device is lost; pending otherwise. */
  readonly lost: Promise<string>;
  write(parameter: string, data: HostArray): Promise<void>;
  read(parameter: string): Promise<HostArray>;
  /**
   * One step of a program: writes feeds (by input name), runs every kernel, returns outputs as fresh arrays. Feeds, and the
   * data of `write`, are read before the call returns its promise: the caller may change them then.
   */
  run(program: string, feeds: ReadonlyMap<string, HostArray>): Promise<ReadonlyMap<string, HostArray>>;
  dispose(): Promise<void>;
}

export interface Backend {
  readonly target: Target;
  /** Plans by program name; parameters of one name are one buffer. */
  load(plans: ReadonlyMap<string, Plan>, options?: LoadOptions): Promise<Executable>;
}
