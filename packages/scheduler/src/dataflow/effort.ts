/** How much a search may still do: counted steps, a clock, a signal and a listener. It refuses to search. */

import { MemoryInputError } from "../memory-input.js";

/** What a planner reports while it works. */
export interface PlanningProgress {
  /** What it has just done, such as "greedy" or "windows". */
  readonly stage: string;
  /** Of what `best` and `lowerBound` speak: bytes of an order, or cost of a schedule. */
  readonly objective: "peak" | "cost";
  /** The best answer so far; infinite where there is none. */
  readonly best: number;
  /** No answer is below this. */
  readonly lowerBound: number;
  /** Share of the allowed steps that is used, from 0 to 1. */
  readonly used: number;
}

export interface EffortOptions {
  /**
   * Seconds. How much is searched is counted in steps, about two seconds' worth by default and in proportion to
   * `timeLimit` where it is given, so that results do not depend on the machine; a machine too slow to do that much
   * is stopped by the clock.
   */
  readonly timeLimit?: number | undefined;
  /** Aborting makes the planner throw the signal's reason at its next step; check it from `onProgress`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PlanningProgress) => void) | undefined;
}

/** Steps between two looks at the clock. */
const stride = 4096;

/** Steps per second of `timeLimit`: what slower machines still do. */
const pace = 10_000_000;

/** Seconds where no limit is given. */
const defaultTime = 2;

/** Throws MemoryInputError. */
export function stepsOf({ timeLimit = defaultTime }: EffortOptions): number {
  if (!(timeLimit >= 0)) {
    throw new MemoryInputError(
      undefined,
      "timeLimit",
      `is ${timeLimit}; give seconds, at least 0, or leave it out`,
    );
  }
  return pace * timeLimit;
}

export class Effort {
  readonly #whole: Effort | undefined;
  readonly #steps: number;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #listener: ((progress: PlanningProgress) => void) | undefined;
  #used = 0;
  #checked = 0;
  #late = false;

  constructor(steps: number, { timeLimit, signal, onProgress }: EffortOptions, whole?: Effort) {
    this.#whole = whole;
    this.#steps = steps;
    this.#deadline =
      timeLimit === undefined ? Number.POSITIVE_INFINITY : performance.now() + 1000 * timeLimit;
    this.#signal = signal;
    this.#listener = onProgress;
    signal?.throwIfAborted();
  }

  /** Steps that may still be spent. */
  get left(): number {
    const own = this.#late ? 0 : Math.max(0, this.#steps - this.#used);
    return this.#whole === undefined ? own : Math.min(own, this.#whole.left);
  }

  /** A part of what is left, from 0 to 1; what it spends is spent here too. */
  part(share: number): Effort {
    return new Effort(this.left * share, {}, this);
  }

  get used(): number {
    return this.#used;
  }

  /** Counts steps; false when there is nothing left. Throws what the signal says. */
  spend(steps: number): boolean {
    this.#used += steps;
    if (this.#whole !== undefined) return this.#whole.spend(steps) && this.#used < this.#steps;
    if (this.#used - this.#checked >= stride) {
      this.#checked = this.#used;
      this.#signal?.throwIfAborted();
      if (performance.now() >= this.#deadline) this.#late = true;
    }
    return !this.#late && this.#used < this.#steps;
  }

  report(progress: Omit<PlanningProgress, "used">): void {
    this.#whole?.report(progress);
    this.#listener?.({ ...progress, used: Math.min(1, this.#used / Math.max(1, this.#steps)) });
    this.#signal?.throwIfAborted();
  }
}
