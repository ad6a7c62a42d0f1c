/**
 * Many small sets of address ranges in one array of numbers: nothing to collect as garbage, and one kind of memory to
 * read. It refuses to know what the ranges are for.
 */

/** Numbers a set has room for at first: two ranges. */
const initialRoom = 4;

export class Unions {
  /** Steps of work done so far. */
  work = 0;
  /** Starts and ends in turn; a set's are ascending and no two of its ranges touch. */
  ranges: Float64Array;
  /** Where each set begins in `ranges`, and where it ends. */
  readonly start: Int32Array;
  readonly stop: Int32Array;
  readonly #room: Int32Array;
  #used = 0;

  constructor(sets: number, expected: number) {
    this.ranges = new Float64Array(Math.max(16, expected));
    this.start = new Int32Array(sets);
    this.stop = new Int32Array(sets);
    this.#room = new Int32Array(sets);
  }

  /** Adds [low, high) to a set and joins it with the ranges it meets. */
  add(set: number, low: number, high: number): void {
    const { ranges } = this;
    const start = this.start[set] ?? 0;
    const stop = this.stop[set] ?? 0;
    if (stop === start || (ranges[stop - 1] ?? 0) < low) {
      this.#insert(set, stop, low, high);
      return;
    }
    const first = this.#ending(start, stop, low);
    let beyond = first;
    while (beyond < stop && (ranges[beyond] ?? 0) <= high) beyond += 2;
    if (beyond === first) {
      this.#insert(set, first, low, high);
      return;
    }
    if ((ranges[first] ?? 0) > low) ranges[first] = low;
    ranges[first + 1] = Math.max(ranges[beyond - 1] ?? 0, high);
    if (beyond > first + 2) {
      ranges.copyWithin(first + 2, beyond, stop);
      this.work += (stop - beyond) >> 4;
      this.stop[set] = stop - (beyond - first - 2);
    }
  }

  /** Takes away [low, high), which is within one range of the set. */
  remove(set: number, low: number, high: number): void {
    const { ranges } = this;
    const start = this.start[set] ?? 0;
    const stop = this.stop[set] ?? 0;
    const at = this.#ending(start, stop, high);
    const end = ranges[at + 1] ?? 0;
    if ((ranges[at] ?? 0) < low) {
      ranges[at + 1] = low;
      if (high < end) this.#insert(set, at + 2, high, end);
    } else if (high < end) {
      ranges[at] = high;
    } else {
      ranges.copyWithin(at, at + 2, stop);
      this.stop[set] = stop - 2;
      this.work += (stop - at) >> 4;
    }
  }

  /** Index of the first range from `cursor` on, before `stop`, that ends beyond `address`: by doubling steps. */
  seek(cursor: number, stop: number, address: number): number {
    const { ranges } = this;
    if (cursor >= stop || (ranges[cursor + 1] ?? 0) > address) return cursor;
    let low = cursor + 2;
    let step = 2;
    while (low + step < stop && (ranges[low + step + 1] ?? 0) <= address) {
      low += step + 2;
      step *= 2;
    }
    let high = Math.min(low + step, stop);
    while (low < high) {
      const middle = low + (((high - low) >> 2) << 1);
      if ((ranges[middle + 1] ?? 0) <= address) low = middle + 2;
      else high = middle;
    }
    return low;
  }

  /** Index of the first range in [start, stop) that ends at `address` or beyond. */
  #ending(start: number, stop: number, address: number): number {
    let low = start;
    let high = stop;
    while (low < high) {
      const middle = low + (((high - low) >> 2) << 1);
      if ((this.ranges[middle + 1] ?? 0) < address) low = middle + 2;
      else high = middle;
    }
    return low;
  }

  #insert(set: number, before: number, low: number, high: number): void {
    const offset = before - (this.start[set] ?? 0);
    if ((this.stop[set] ?? 0) - (this.start[set] ?? 0) === (this.#room[set] ?? 0)) this.#grow(set);
    const at = (this.start[set] ?? 0) + offset;
    const stop = this.stop[set] ?? 0;
    if (stop - at > 32) this.ranges.copyWithin(at + 2, at, stop);
    else for (let i = stop - 1; i >= at; i--) this.ranges[i + 2] = this.ranges[i] ?? 0;
    this.ranges[at] = low;
    this.ranges[at + 1] = high;
    this.stop[set] = stop + 2;
    this.work += 1 + ((stop - at) >> 4);
  }

  /** Moves a set to the end, with twice the room; what it leaves behind is not used again before `clear`. */
  #grow(set: number): void {
    const start = this.start[set] ?? 0;
    const stop = this.stop[set] ?? 0;
    const room = Math.max(initialRoom, 2 * (this.#room[set] ?? 0));
    if (this.#used + room > this.ranges.length) {
      const larger = new Float64Array(Math.max(2 * this.ranges.length, this.#used + room));
      larger.set(this.ranges);
      this.ranges = larger;
    }
    this.ranges.copyWithin(this.#used, start, stop);
    this.start[set] = this.#used;
    this.stop[set] = this.#used + stop - start;
    this.#room[set] = room;
    this.#used += room;
  }
}
