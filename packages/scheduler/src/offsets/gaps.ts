/**
 * The occupied addresses over time, as a segment tree over the sections. Each node has two unions of address ranges:
 * of the buffers alive during all of its sections (its cover), and of all buffers alive during any of them (its touch).
 * A search merges O(log sections) unions, whose ranges are few where buffers lie tightly. It refuses to move a buffer.
 */

import { Unions } from "./unions.js";

export class Gaps {
  readonly #leaves: number;
  /** The cover of node i is set i; its touch is set i + 2 · leaves, but for leaves, where both are the same. */
  readonly #unions: Unions;
  readonly #path = new Int32Array(80);
  /** Of each union that matters for a search: the range it has come to, and its last. */
  readonly #cursor = new Int32Array(160);
  readonly #stop = new Int32Array(160);
  #count = 0;
  #work = 0;

  constructor(sections: number) {
    this.#leaves = 1 << (32 - Math.clz32(Math.max(1, sections) - 1));
    this.#unions = new Unions(3 * this.#leaves, 32 * sections);
  }

  /** Steps of work done so far. */
  get work(): number {
    return this.#work + this.#unions.work;
  }

  /**
   * Address at which `size` is free during sections [from, to): of the lowest gaps that hold it, at most `choices` of
   * them, the start of the smallest.
   */
  find(from: number, to: number, size: number, choices: number): number {
    this.#collect(from, to);
    let address = this.#rise(0, size);
    if (choices === 1) return address;
    const { ranges } = this.#unions;
    const count = this.#count;
    let best = address;
    let least = Number.POSITIVE_INFINITY;
    for (let choice = 0; choice < choices; choice++) {
      let next = Number.POSITIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        const at = this.#cursor[i] ?? 0;
        if (at < (this.#stop[i] ?? 0)) next = Math.min(next, ranges[at] ?? 0);
      }
      this.#work += count;
      const room = next - address;
      if (room < least) {
        best = address;
        least = room;
      }
      if (room === size || next === Number.POSITIVE_INFINITY) break;
      address = this.#rise(next, size);
    }
    return best;
  }

  /** Marks [start, end) as taken during sections [from, to). */
  occupy(from: number, to: number, start: number, end: number): void {
    const unions = this.#unions;
    const leaves = this.#leaves;
    let left = from + leaves;
    let right = to + leaves;
    for (let touch = 0; left < right; touch = 2 * leaves) {
      if ((left & 1) === 1) {
        unions.add(left, start, end);
        if (touch > 0) unions.add(left + touch, start, end);
        left++;
      }
      if ((right & 1) === 1) {
        right--;
        unions.add(right, start, end);
        if (touch > 0) unions.add(right + touch, start, end);
      }
      left >>= 1;
      right >>= 1;
    }
    const count = this.#climb(from, to);
    for (let i = 0; i < count; i++) unions.add((this.#path[i] ?? 0) + 2 * leaves, start, end);
  }

  /** Gathers the unions that matter for sections [from, to): within them what touches a node, above what covers it. */
  #collect(from: number, to: number): void {
    const leaves = this.#leaves;
    let left = from + leaves;
    let right = to + leaves;
    this.#count = 0;
    for (let touch = 0; left < right; touch = 2 * leaves) {
      if ((left & 1) === 1) this.#keep(left++ + touch);
      if ((right & 1) === 1) this.#keep(--right + touch);
      left >>= 1;
      right >>= 1;
    }
    const count = this.#climb(from, to);
    for (let i = 0; i < count; i++) this.#keep(this.#path[i] ?? 0);
    this.#work += this.#count;
  }

  #keep(set: number): void {
    const start = this.#unions.start[set] ?? 0;
    const stop = this.#unions.stop[set] ?? 0;
    if (start === stop) return;
    this.#cursor[this.#count] = start;
    this.#stop[this.#count++] = stop;
  }

  /** Writes to #path the nodes above sections [from, to) that hold other sections too; returns how many. */
  #climb(from: number, to: number): number {
    const path = this.#path;
    const first = from + this.#leaves;
    const end = to + this.#leaves;
    let count = 0;
    let low = first >> 1;
    let high = (end - 1) >> 1;
    for (let level = 1; low >= 1; level++) {
      if (low << level < first || (low + 1) << level > end) path[count++] = low;
      if (high !== low && (high << level < first || (high + 1) << level > end)) path[count++] = high;
      low >>= 1;
      high >>= 1;
    }
    return count;
  }

  /** Lowest address ≥ `address` with `size` free in all gathered unions; leaves each cursor at the first range beyond. */
  #rise(address: number, size: number): number {
    const unions = this.#unions;
    const { ranges } = unions;
    const cursor = this.#cursor;
    const count = this.#count;
    let found = address;
    let agreed = 0;
    let steps = 0;
    for (let i = 0; agreed < count; i = i + 1 === count ? 0 : i + 1) {
      const before = found;
      const stop = this.#stop[i] ?? 0;
      let at = unions.seek(cursor[i] ?? 0, stop, found);
      while (at < stop && (ranges[at] ?? 0) < found + size) {
        found = ranges[at + 1] ?? 0;
        at = unions.seek(at + 2, stop, found);
        steps++;
      }
      cursor[i] = at;
      agreed = found === before ? agreed + 1 : 1;
      steps++;
    }
    this.#work += steps;
    return found;
  }
}
