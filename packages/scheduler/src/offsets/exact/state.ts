/**
 * The state of an exhaustive search: what is placed, how low the rest may still lie, and how to take steps back.
 * It refuses to decide or to infer anything.
 */

import type { Model } from "./model.js";

/** What a step of the trail undoes; stored in the low two bits beside an index. */
const change = { release: 0, placed: 1, refused: 2, options: 3 } as const;

export class State {
  readonly model: Model;
  /** No buffer may end above it. */
  capacity = 0;
  /** Lowest offset each buffer may still take; of a placed one its offset. */
  readonly release: Float64Array;
  readonly placed: Uint8Array;
  /**
   * Above -1: the buffer was refused its release as it then was, and this is where it would have ended. Until
   * another buffer is placed in that space, it needs one that might be.
   */
  readonly refused: Float64Array;
  /** Per refused buffer the one that explained its release last. */
  readonly witness: Int32Array;
  /** The unplaced members of each section come first among its members; this is how many. */
  readonly open: Int32Array;
  /** Sum of the sizes of the unplaced members of each section. */
  readonly load: Float64Array;
  /** How many unplaced buffers live on from each section into the next. */
  readonly crossing: Int32Array;
  /**
   * Twice the number of buffers that might come first in each section, plus one where a first one was known or others
   * were pushed up. Releases beyond `horizon` had no part in that.
   */
  readonly options: Int32Array;
  readonly horizon: Float64Array;
  /** Grows with each contradiction found in a section. */
  readonly conflicts: Float64Array;
  /** Buffers refused on the way to here. */
  readonly refusals: number[] = [];
  /** Steps of work done since last looked at. */
  work = 0;

  readonly #members: Int32Array;
  readonly #places: Int32Array;
  #keys = new Int32Array(1024);
  #values = new Float64Array(1024);
  #length = 0;
  readonly #dirty: Uint8Array;
  readonly #queue: Int32Array;
  #head = 0;
  #queued = 0;
  #bump = 1;

  constructor(model: Model) {
    const { count, sections } = model;
    this.model = model;
    this.release = new Float64Array(count);
    this.placed = new Uint8Array(count);
    this.refused = new Float64Array(count).fill(-1);
    this.witness = new Int32Array(count).fill(-1);
    this.open = new Int32Array(sections);
    for (let s = 0; s < sections; s++)
      this.open[s] = (model.sectionStart[s + 1] ?? 0) - (model.sectionStart[s] ?? 0);
    this.load = model.load.slice();
    this.crossing = model.crossing.slice();
    this.options = new Int32Array(sections);
    this.horizon = new Float64Array(sections);
    this.conflicts = new Float64Array(sections);
    this.#members = model.members.slice();
    this.#places = model.places.slice();
    this.#dirty = new Uint8Array(sections);
    this.#queue = new Int32Array(sections);
  }

  /** The members of all sections, the unplaced ones of each first. */
  get members(): Int32Array {
    return this.#members;
  }

  /** Everything unplaced, under a new capacity. */
  reset(capacity: number): void {
    const { count, sections, twin, size } = this.model;
    this.undo(0);
    this.capacity = capacity;
    this.refusals.length = 0;
    this.options.fill(1);
    this.horizon.fill(Number.POSITIVE_INFINITY);
    this.release.fill(0);
    for (let i = 0; i < count; i++) {
      const next = twin[i] ?? -1;
      if (next >= 0) this.release[next] = (this.release[i] ?? 0) + (size[i] ?? 0);
    }
    this.forget();
    for (let s = 0; s < sections; s++) this.touch(s);
  }

  /** Where to take steps back to. */
  get mark(): number {
    return this.#length;
  }

  /** Moves a buffer's lowest offset up, and that of its twins with it. */
  raise(buffer: number, offset: number): void {
    const { from, to, size, twin } = this.model;
    const { release, horizon, options } = this;
    let next = buffer;
    let value = offset;
    for (;;) {
      const old = release[next] ?? 0;
      this.#record(next, change.release, old);
      release[next] = value;
      const end = to[next] ?? 0;
      for (let s = from[next] ?? 0; s < end; s++) {
        const limit = horizon[s] ?? 0;
        if (old <= limit && (value > limit || ((options[s] ?? 0) & 1) === 1)) this.touch(s);
      }
      this.work += end - (from[next] ?? 0);
      value += size[next] ?? 0;
      next = twin[next] ?? -1;
      if (next < 0 || (release[next] ?? 0) >= value) return;
    }
  }

  /** Puts a buffer at its release. Those alive with it move up where they must. */
  place(buffer: number): void {
    const { from, to, size, sectionStart, placeBase, firstFrom } = this.model;
    const { open, load, crossing, placed } = this;
    const members = this.#members;
    const places = this.#places;
    const first = from[buffer] ?? 0;
    const end = to[buffer] ?? 0;
    const bytes = size[buffer] ?? 0;
    const base = placeBase[buffer] ?? 0;
    placed[buffer] = 1;
    this.#record(buffer, change.placed, 0);
    for (let s = first; s < end; s++) {
      const hole = places[base + s] ?? 0;
      const left = (open[s] ?? 0) - 1;
      const last = (sectionStart[s] ?? 0) + left;
      const moved = members[last] ?? 0;
      members[last] = buffer;
      members[hole] = moved;
      places[base + s] = last;
      places[(placeBase[moved] ?? 0) + s] = hole;
      open[s] = left;
      load[s] = (load[s] ?? 0) - bytes;
      if (s + 1 < end) crossing[s] = (crossing[s] ?? 0) - 1;
      this.touch(s);
    }
    const start = this.release[buffer] ?? 0;
    const begin = sectionStart[first] ?? 0;
    const stop = begin + (open[first] ?? 0);
    for (let at = begin; at < stop; at++) this.#clear(members[at] ?? 0, start, start + bytes);
    const later = firstFrom[end] ?? 0;
    for (let other = firstFrom[first + 1] ?? 0; other < later; other++) {
      if (placed[other] === 0) this.#clear(other, start, start + bytes);
    }
    this.work += end - first + stop - begin + later - (firstFrom[first + 1] ?? 0);
  }

  /** Rules out that a buffer lies at its release. */
  refuse(buffer: number): void {
    this.#record(buffer, change.refused, this.refused[buffer] ?? 0);
    this.refused[buffer] = (this.release[buffer] ?? 0) + (this.model.size[buffer] ?? 0);
    this.witness[buffer] = -1;
    this.refusals.push(buffer);
  }

  setOptions(section: number, value: number): void {
    const old = this.options[section] ?? 0;
    if (old === value) return;
    this.#record(section, change.options, old);
    this.options[section] = value;
  }

  /** A section to look at again. */
  touch(section: number): void {
    if (this.#dirty[section] === 1) return;
    this.#dirty[section] = 1;
    let tail = this.#head + this.#queued++;
    if (tail >= this.#queue.length) tail -= this.#queue.length;
    this.#queue[tail] = section;
  }

  /** The next section to look at again, or -1. */
  next(): number {
    if (this.#queued === 0) return -1;
    const section = this.#queue[this.#head] ?? 0;
    if (++this.#head === this.#queue.length) this.#head = 0;
    this.#queued--;
    this.#dirty[section] = 0;
    return section;
  }

  /** Notes a contradiction in a section; late ones weigh more. Leaves nothing to look at. Always false. */
  contradict(section: number): false {
    this.conflicts[section] = (this.conflicts[section] ?? 0) + this.#bump;
    this.#bump /= 0.99;
    while (this.next() >= 0);
    return false;
  }

  /** Forgets all contradictions. */
  forget(): void {
    this.conflicts.fill(1);
    this.#bump = 1;
  }

  undo(mark: number): void {
    const { from, to, size } = this.model;
    const { open, load, crossing } = this;
    while (this.#length > mark) {
      const key = this.#keys[--this.#length] ?? 0;
      const value = this.#values[this.#length] ?? 0;
      const index = key >> 2;
      switch (key & 3) {
        case change.release:
          this.release[index] = value;
          break;
        case change.refused:
          this.refused[index] = value;
          break;
        case change.options:
          this.options[index] = value;
          break;
        default: {
          const end = to[index] ?? 0;
          this.placed[index] = 0;
          for (let s = from[index] ?? 0; s < end; s++) {
            open[s] = (open[s] ?? 0) + 1;
            load[s] = (load[s] ?? 0) + (size[index] ?? 0);
            if (s + 1 < end) crossing[s] = (crossing[s] ?? 0) + 1;
          }
        }
      }
    }
  }

  /** Makes way for a buffer just placed at [start, end). */
  #clear(other: number, start: number, end: number): void {
    if ((this.release[other] ?? 0) < end) this.raise(other, end);
    const refused = this.refused[other] ?? 0;
    if (refused > start) {
      this.#record(other, change.refused, refused);
      this.refused[other] = -1;
    }
  }

  #record(index: number, kind: number, value: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys[this.#length] = (index << 2) | kind;
    this.#values[this.#length++] = value;
  }

  #grow(): void {
    const keys = new Int32Array(this.#length * 2);
    const values = new Float64Array(this.#length * 2);
    keys.set(this.#keys);
    values.set(this.#values);
    this.#keys = keys;
    this.#values = values;
  }
}
