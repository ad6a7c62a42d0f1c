/** Counts steps of work against a budget and looks at the clock and the signal now and then. It refuses to plan. */

import type { OffsetsOptions, OffsetsProgress } from "./types.js";

/** Steps of work per second of a limit: what an ordinary machine does. */
const pace = 200_000_000;

/** How much slower a machine may be before the clock stops the search. */
const patience = 4;

/** Seconds where no limit is given. */
const defaultTime = 2;

/** Steps of work between two looks at the clock and the signal: some milliseconds. */
const interval = 1_000_000;

/** How long a search may take, who may stop it and who hears of it. */
export type Limits = Pick<OffsetsOptions, "timeLimit" | "signal" | "onProgress">;

interface MeterOptions {
  /** Steps of work allowed in total. */
  readonly limit: number;
  /** Time of `performance.now()` after which nothing more is searched. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: OffsetsProgress) => void) | undefined;
}

export class Meter {
  #spent = 0;
  #next = interval;
  #expired = false;
  readonly #options: MeterOptions;
  /** The meter that this one takes a part of. */
  readonly #whole: Meter | undefined;

  private constructor(options: MeterOptions, whole?: Meter) {
    this.#options = options;
    this.#whole = whole;
    options.signal?.throwIfAborted();
  }

  /** What may be spent: on so many seconds where no limit is given. */
  static of({ timeLimit, signal, onProgress }: Limits, seconds = defaultTime): Meter {
    const deadline =
      timeLimit === undefined ? Number.POSITIVE_INFINITY : performance.now() + 1000 * patience * timeLimit;
    return new Meter({ limit: pace * (timeLimit ?? seconds), deadline, signal, onProgress });
  }

  /** A meter of its own for a share of what is left; what it spends is spent here as well. */
  part(share: number): Meter {
    return new Meter({ ...this.#options, limit: this.left * share }, this);
  }

  /** Adds work; false once the budget or the time is used up. Throws the reason of an aborted signal. */
  spend(steps: number): boolean {
    this.#spent += steps;
    if (this.#whole !== undefined) this.#whole.spend(steps);
    else if (this.#spent >= this.#next) this.#look();
    return !this.exhausted;
  }

  get exhausted(): boolean {
    return this.#expired || this.#spent >= this.#options.limit || this.#whole?.exhausted === true;
  }

  /** Steps of work left. */
  get left(): number {
    return this.exhausted ? 0 : this.#options.limit - this.#spent;
  }

  report(stage: OffsetsProgress["stage"], height: number, lowerBound: number): void {
    const { limit, onProgress, signal } = this.#options;
    if (this.#whole !== undefined || onProgress === undefined) return;
    onProgress({ stage, height, lowerBound, spent: Math.min(1, this.#spent / Math.max(limit, 1)) });
    signal?.throwIfAborted();
  }

  #look(): void {
    this.#next = this.#spent + interval;
    this.#options.signal?.throwIfAborted();
    if (performance.now() > this.#options.deadline) this.#expired = true;
  }
}
