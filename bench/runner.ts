// What a taker-part makes of a workload: something that steps. It refuses to keep time.

import type { Workload } from "./workload.js";

/** Milliseconds of a step by the clock and of the processor. */
export interface Lap {
  readonly wall: number;
  readonly processor: number;
}

export interface Runner {
  /** Runs one step to its end; what the workload calls an output is on the host then. */
  step(): void | Promise<void>;
  /** A step in another process, which keeps the time. */
  readonly timed?: () => Promise<Lap>;
  /** What the last step computed: the output, or the weight it left on the device. */
  result(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Frees what is held. */
  dispose(): void | Promise<void>;
}

/** Somebody who takes part. */
export interface Contender {
  readonly name: string;
  /** How it was set up, in a sentence, for the report. */
  readonly settings: string;
  /** A runner, or a text that says why it cannot. */
  load(workload: Workload): Promise<Runner | string>;
}
