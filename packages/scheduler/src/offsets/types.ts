/** What goes into and comes out of offset assignment: plain data. It refuses to know tensors, graphs or plans. */

/** Bytes (or any unit) needed during steps [lower, upper). */
export interface LiveBuffer {
  /** First step at which the buffer holds something: a safe integer. */
  readonly lower: number;
  /** One past the last step: a safe integer greater than `lower`. */
  readonly upper: number;
  /** A safe integer ≥ 0. */
  readonly size: number;
}

export interface OffsetsOptions {
  readonly buffers: readonly LiveBuffer[];
  /** Every offset is a multiple of it, every size is rounded up to it. A safe integer ≥ 1; 1 by default. */
  readonly alignment?: number | undefined;
  /** Good enough: the search stops as soon as the height is at most this. Without it, the search goes for the lowest. */
  readonly capacity?: number | undefined;
  /**
   * Seconds. How much is searched is counted in steps of work, about two seconds' worth by default and in proportion
   * to `timeLimit` where it is given, so that results do not depend on the machine. Where a limit is given, a machine
   * that is slower by far is stopped by the clock after four times as long.
   */
  readonly timeLimit?: number | undefined;
  /** Looked at between steps and after each `onProgress`; an aborted signal makes the call throw its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: OffsetsProgress) => void) | undefined;
}

export interface OffsetsProgress {
  /** Greedy orders, orders repaired around what stands out, or exhaustive search. */
  readonly stage: "greedy" | "repair" | "search";
  /** Least height so far of what is being worked on: of the part alive apart from the rest that stands out most. */
  readonly height: number;
  readonly lowerBound: number;
  /** Share of the budget used so far, 0 to 1. */
  readonly spent: number;
}

export interface OffsetsResult {
  /** One per buffer, in the order given; 0 for a buffer of size 0. */
  readonly offsets: number[];
  /** The largest offset + size (rounded up to the alignment): what the arena must hold. Above `capacity` if nothing fitted. */
  readonly height: number;
  /** Largest sum of sizes (rounded up to the alignment) alive at one step: no height is below it. */
  readonly lowerBound: number;
  /** Whether `height` is proven to be the least possible. */
  readonly optimal: boolean;
}
