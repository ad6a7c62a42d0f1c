/** Changes of what is live over ranges of positions up to an end. It refuses to know why. */

export class Changes {
  readonly #steps: Float64Array;
  #start = 0;
  #end = 0;

  constructor(capacity: number) {
    this.#steps = new Float64Array(capacity + 2);
  }

  /** None, up to a new end. */
  reset(end: number): void {
    for (let p = this.#start; p <= this.#end; p++) this.#steps[p] = 0;
    this.#start = end;
    this.#end = end;
  }

  /** More is live at the positions [from, to), where `to` is not beyond the end. */
  add(from: number, to: number, bytes: number): void {
    if (from < this.#start) this.#start = from;
    this.#steps[from] = (this.#steps[from] ?? 0) + bytes;
    this.#steps[to] = (this.#steps[to] ?? 0) - bytes;
  }

  /** Positions from the first change to the end. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** How much more is live at a position before the end. */
  at(position: number): number {
    let bytes = 0;
    for (let p = this.#start; p <= position; p++) bytes += this.#steps[p] ?? 0;
    return bytes;
  }

  /** What they add to the sum of what is above the budget. */
  overflow(during: Float64Array, budget: number): number {
    let change = 0;
    let bytes = 0;
    for (let p = this.#start; p < this.#end; p++) {
      bytes += this.#steps[p] ?? 0;
      const live = during[p] ?? 0;
      if (bytes !== 0) change += Math.max(0, live + bytes - budget) - Math.max(0, live - budget);
    }
    return change;
  }

  apply(during: Float64Array): void {
    let bytes = 0;
    for (let p = this.#start; p < this.#end; p++) {
      bytes += this.#steps[p] ?? 0;
      during[p] = (during[p] ?? 0) + bytes;
    }
  }
}
