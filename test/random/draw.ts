// Decisions from drawn numbers: what is built from them is a function of them, so fast-check shrinks it.

/** Drawn numbers, used up one by one; 0 for ever after. */
export class Draw {
  readonly #numbers: readonly number[];
  #position = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** In [0, count). */
  below(count: number): number {
    const number = this.#numbers[this.#position] ?? 0;
    this.#position += 1;
    return count > 0 ? number % count : 0;
  }

  of<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** An element, more often one near the end. */
  late<T>(list: readonly T[]): T | undefined {
    return list[list.length - 1 - Math.min(this.below(list.length), this.below(list.length))];
  }

  /** The list from a drawn position on, then from its start. */
  rotated<T>(list: readonly T[]): T[] {
    const start = this.below(list.length);
    return [...list.slice(start), ...list.slice(0, start)];
  }
}
