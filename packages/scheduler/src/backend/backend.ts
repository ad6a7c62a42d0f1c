/** The contract between a plan and what executes it. It refuses to know how. */

import type { DType } from "@adjoint/core";
import type { ContentCache } from "../cache/cache.js";
import type { Plan } from "../plan/plan.js";

/** What planning must know of a device: plain data. */
export interface Target {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** Every buffer starts at a multiple of this many bytes, and its size is rounded up to it. */
  readonly alignment: number;
  readonly limits?: TargetLimits;
}

export interface TargetLimits {
  /** Most bytes of one buffer of a plan. */
  readonly bufferBytes: number;
  /** An arena larger than this is in pages of so many bytes, a multiple of the alignment: no buffer lies in two. */
  readonly pageBytes: number;
}

/** Elements as stored on the host: bool as bytes 0 and 1. */
export type HostArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | Uint16Array;

export interface LoadOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Where to look for what has been compiled before, and to keep what is compiled now. */
  readonly cache?: ContentCache;
}

/** Loaded plans over one copy of their parameters and one arena as large as the largest. */
export interface Executable {
  /** Bytes of device memory held, all spaces together. */
  readonly bytes: number;
  /** Of these, what kernels use beside what the plans state: packed panels, partial sums, what threads agree by. */
  readonly scratchBytes: number;
  /** Resolves with a reason when the device is lost; pending otherwise. Left out where that cannot happen. */
  readonly lost?: Promise<string>;
  /** How many calls of `run` may be pending at a time; their steps take place in the order of the calls. */
  readonly inFlight: number;
  write(parameter: string, data: HostArray): Promise<void>;
  read(parameter: string): Promise<HostArray>;
  /**
   * One step of a program: writes feeds (by input name), runs every kernel, returns the outputs named (all unless given) as
   * fresh arrays; the others stay where they are. Feeds, and the data of `write`, are read before the call returns its
   * promise: the caller may change them then.
   */
  run(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
    outputs?: readonly string[],
  ): Promise<ReadonlyMap<string, HostArray>>;
  /** A step of a program, with the milliseconds of each step of its plan, where the backend can tell. */
  profile?(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
  ): Promise<{ readonly clock: "device" | "host"; readonly milliseconds: readonly number[] }>;
  /** An output of a program's last step, which is there until a step of another program runs. */
  output(program: string, name: string): Promise<HostArray>;
  dispose(): Promise<void>;
}

export interface Backend {
  readonly target: Target;
  /** Plans by program name; parameters of one name are one buffer. */
  load(plans: ReadonlyMap<string, Plan>, options?: LoadOptions): Promise<Executable>;
}

/** A backend whose device is still to be asked for, and asked for again when it is lost. */
export interface BackendRequest {
  readonly name: string;
  /** @throws UnavailableError when this machine does not offer it. */
  open(): Promise<Backend>;
}
