/**
 * The occupied addresses over time, as a segment tree over the sections. Each node keeps two unions of address ranges,
 * coalesced and ascending: of the buffers alive during all of its sections (`cover`), and of all buffers alive during
 * any of them (`touch`). A search merges O(log sections) unions, whose ranges are few where buffers lie tightly.
 * It refuses to move a buffer.
 */

/** Range starts and ends in turn, ascending, no two touching. */
type Union = number[];

export class Gaps {
  /** Steps of work done so far. */
  work = 0;
  readonly #leaves: number;
  readonly #cover: (Union | undefined)[];
  readonly #touch: (Union | undefined)[];
  readonly #unions: Union[] = [];
  readonly #at = new Int32Array(160);
  readonly #path = new Int32Array(80);

  constructor(sections: number) {
    this.#leaves = 1 << (32 - Math.clz32(Math.max(1, sections) - 1));
    this.#cover = new Array<Union | undefined>(2 * this.#leaves).fill(undefined);
    this.#touch = new Array<Union | undefined>(2 * this.#leaves).fill(undefined);
  }

  /**
   * Address at which `size` is free during sections [from, to): of the lowest gaps that hold it, at most `choices` of
   * them, the start of the smallest.
   */
  find(from: number, to: number, size: number, choices: number): number {
    this.#collect(from, to);
    const unions = this.#unions;
    const at = this.#at;
    let address = this.#rise(0, size);
    let best = address;
    let least = Number.POSITIVE_INFINITY;
    for (let choice = 1; choice < choices; choice++) {
      let next = Number.POSITIVE_INFINITY;
      for (let i = 0; i < unions.length; i++) {
        const start = unions[i]?.[at[i] ?? 0] ?? Number.POSITIVE_INFINITY;
        if (start < next) next = start;
      }
      this.work += unions.length;
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
    let left = from + this.#leaves;
    let right = to + this.#leaves;
    while (left < right) {
      if ((left & 1) === 1) {
        this.#add(this.#cover, left, start, end);
        this.#add(this.#touch, left++, start, end);
      }
      if ((right & 1) === 1) {
        this.#add(this.#cover, --right, start, end);
        this.#add(this.#touch, right, start, end);
      }
      left >>= 1;
      right >>= 1;
    }
    const count = this.#climb(from, to);
    for (let i = 0; i < count; i++) this.#add(this.#touch, this.#path[i] ?? 0, start, end);
  }

  /** Gathers the unions that matter for sections [from, to): below the range what touches it, above what covers it. */
  #collect(from: number, to: number): void {
    const unions = this.#unions;
    unions.length = 0;
    let left = from + this.#leaves;
    let right = to + this.#leaves;
    while (left < right) {
      if ((left & 1) === 1) keep(unions, this.#touch[left++]);
      if ((right & 1) === 1) keep(unions, this.#touch[--right]);
      left >>= 1;
      right >>= 1;
    }
    const count = this.#climb(from, to);
    for (let i = 0; i < count; i++) keep(unions, this.#cover[this.#path[i] ?? 0]);
    this.#at.fill(0, 0, unions.length);
    this.work += unions.length;
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
    const at = this.#at;
    let found = address;
    let agreed = 0;
    let steps = 0;
    for (let i = 0; agreed < unions.length; i = i + 1 === unions.length ? 0 : i + 1) {
      const union = unions[i];
      if (union === undefined) break;
      const before = found;
      let cursor = beyond(union, at[i] ?? 0, found);
      while (cursor < union.length && (union[cursor] ?? 0) < found + size) {
        found = union[cursor + 1] ?? 0;
        cursor = beyond(union, cursor + 2, found);
        steps++;
      }
      at[i] = cursor;
      agreed = found === before ? agreed + 1 : 1;
      steps++;
    }
    this.work += steps;
    return found;
  }

  #add(side: (Union | undefined)[], node: number, start: number, end: number): void {
    const union = side[node];
    this.work++;
    if (union === undefined) side[node] = unionOf(start, end);
    else insert(union, start, end);
  }
}

/** Begun with fractions, so that engines store all unions alike, as doubles, whatever the sizes: twice as fast. */
function unionOf(start: number, end: number): Union {
  const union = [0.5, 0.5];
  union[0] = start;
  union[1] = end;
  return union;
}

function keep(unions: Union[], union: Union | undefined): void {
  if (union !== undefined) unions.push(union);
}

/** Index of the first range from `cursor` on that ends beyond `address`, by doubling steps. */
function beyond(union: Union, cursor: number, address: number): number {
  const { length } = union;
  if (cursor >= length || (union[cursor + 1] ?? 0) > address) return cursor;
  let low = cursor + 2;
  let step = 2;
  while (low + step < length && (union[low + step + 1] ?? 0) <= address) {
    low += step + 2;
    step *= 2;
  }
  let high = Math.min(low + step, length);
  while (low < high) {
    const middle = low + (((high - low) >> 2) << 1);
    if ((union[middle + 1] ?? 0) <= address) low = middle + 2;
    else high = middle;
  }
  return low;
}

/** Adds [start, end) and joins it with the ranges it meets. */
function insert(union: Union, start: number, end: number): void {
  const { length } = union;
  if ((union[length - 1] ?? 0) < start) {
    union.push(start, end);
    return;
  }
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = low + (((high - low) >> 2) << 1);
    if ((union[middle + 1] ?? 0) < start) low = middle + 2;
    else high = middle;
  }
  let stop = low;
  while (stop < length && (union[stop] ?? 0) <= end) stop += 2;
  if (stop === low) {
    union.splice(low, 0, start, end);
    return;
  }
  union[low] = Math.min(union[low] ?? 0, start);
  union[low + 1] = Math.max(union[stop - 1] ?? 0, end);
  if (stop > low + 2) union.splice(low + 2, stop - low - 2);
}
