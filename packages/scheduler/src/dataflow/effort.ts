/** How much a search may still do: counted steps, a clock, a signal and a listener. It refuses to search. */

import { checkSeconds } from "../memory-input.js";

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
   * `timeLimit` where it is given, so that results do not depend on the machine; near-linear passes may besides take
   * about 20 µs for each operation, whatever the limit. Where a limit is given, a machine that is slower by far is
   * stopped by the clock after four times as long.
   */
  readonly timeLimit?: number | undefined;
  /** Aborting makes the planner throw the signal's reason at its next step; check it from `onProgress`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PlanningProgress) => void) | undefined;
}

/** Steps between two looks at the clock. */
const stride = 4096;

/** Steps per second of `timeLimit`: what an ordinary machine does. */
const pace = 10_000_000;

/** How much slower a machine may be before the clock stops the search. */
const patience = 4;

/** Seconds where no limit is given. */
const defaultTime = 2;

/** Steps for each operation beyond that, where near-linear passes are to end whatever the limit. */
const linear = 200;

export class Effort {
  readonly #whole: Effort | undefined;
  readonly #steps: number;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #listener: ((progress: PlanningProgress) => void) | undefined;
  #used = 0;
  #checked = 0;
  #late = false;

  private constructor(steps: number, seconds: number, options: EffortOptions, whole?: Effort) {
    this.#whole = whole;
    this.#steps = steps;
    this.#deadline = performance.now() + 1000 * seconds;
    this.#signal = options.signal;
    this.#listener = options.onProgress;
    this.#signal?.throwIfAborted();
  }

  /**
   * What may be spent: on so many seconds where no limit is given, and on passes over so many operations. Throws
   * MemoryInputError, and what the signal says.
   */
  static of(options: EffortOptions, { seconds = defaultTime, operations = 0 } = {}): Effort {
    checkSeconds(options.timeLimit, "timeLimit");
    const { timeLimit = seconds } = options;
    const steps = pace * timeLimit + linear * operations;
    const slowest = options.timeLimit === undefined ? Number.POSITIVE_INFINITY : (patience * steps) / pace;
    return new Effort(steps, slowest, options);
  }

  /** Steps that may still be spent. */
  get left(): number {
    const own = this.#late ? 0 : Math.max(0, this.#steps - this.#used);
    return this.#whole === undefined ? own : Math.min(own, this.#whole.left);
  }

  /** A part of what is left, from 0 to 1, and no more than `most` steps; what it spends is spent here too. */
  part(share: number, most = Number.POSITIVE_INFINITY): Effort {
    return new Effort(Math.min(most, this.left * share), Number.POSITIVE_INFINITY, {}, this);
  }

  /** Share of the steps that is spent, from 0 to 1. */
  get progress(): number {
    return this.#steps > 0 ? Math.min(1, this.#used / this.#steps) : 1;
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
    this.#listener?.({ ...progress, used: this.progress });
    this.#signal?.throwIfAborted();
  }
}
