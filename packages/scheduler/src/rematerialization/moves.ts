/** Small changes of a sequence of executions, each at random. It refuses to judge them. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Sequence } from "./measure.js";

/** Operations that one move may run again at most. */
const longest = 12;

/** A move writes the changed sequence into `to`; false when it found nothing to do. */
export class Moves {
  readonly #flow: Dataflow;
  readonly #random: () => number;
  /** Per operation, its place in a legal order. */
  readonly #rank: Int32Array;
  readonly #times: Int32Array;

  constructor(flow: Dataflow, order: Int32Array, random: () => number) {
    this.#flow = flow;
    this.#random = random;
    this.#rank = new Int32Array(flow.operations);
    for (const [t, o] of order.entries()) this.#rank[o] = t;
    this.#times = new Int32Array(flow.operations);
  }

  /** One of the moves. */
  any(from: Sequence, to: Sequence): boolean {
    const dice = this.#random();
    if (dice < 0.35) return this.repeat(from, to);
    if (dice < 0.65) return this.erase(from, to);
    return this.shift(from, to);
  }

  /**
   * Writes a value again right before one of its readers, so that it takes no memory since its last use; what that
   * needs and is no longer there is written again as well, or held until then.
   */
  repeat(from: Sequence, to: Sequence): boolean {
    const { inputs, producer } = this.#flow;
    const at = this.#below(from.length);
    const reader = from.items[at] ?? 0;
    const first = inputs.start[reader] ?? 0;
    const degree = (inputs.start[reader + 1] ?? 0) - first;
    if (degree === 0) return false;
    const value = inputs.items[first + this.#below(degree)] ?? 0;
    if (!this.#idle(from, at, value)) return false;
    const again = [producer[value] ?? 0];
    for (const o of again) {
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const v = inputs.items[k] ?? 0;
        const p = producer[v] ?? 0;
        if (again.length >= longest || again.includes(p)) continue;
        if (!this.#read(from, at, v) && this.#random() < 0.5) again.push(p);
      }
    }
    if (from.length + again.length > to.items.length) return false;
    again.sort((a, b) => (this.#rank[a] ?? 0) - (this.#rank[b] ?? 0));
    to.items.set(from.items.subarray(0, at));
    to.items.set(again, at);
    to.items.set(from.items.subarray(at, from.length), at + again.length);
    to.length = from.length + again.length;
    return true;
  }

  /** Leaves out an execution of an operation that runs more than once, and maybe such neighbors. */
  erase(from: Sequence, to: Sequence): boolean {
    if (from.length === this.#flow.operations) return false;
    const times = this.#times.fill(0);
    for (let p = 0; p < from.length; p++) {
      const o = from.items[p] ?? 0;
      times[o] = (times[o] ?? 0) + 1;
    }
    let at = -1;
    for (let tries = 0; tries < 20 && at < 0; tries++) {
      const p = this.#below(from.length);
      if ((times[from.items[p] ?? 0] ?? 0) > 1) at = p;
    }
    if (at < 0) return false;
    let end = at + 1;
    if (this.#random() < 0.4) {
      while (end < from.length && (times[from.items[end] ?? 0] ?? 0) > 1 && this.#random() < 0.6) end++;
    }
    to.items.set(from.items.subarray(0, at));
    to.items.set(from.items.subarray(end, from.length), at);
    to.length = from.length - (end - at);
    return true;
  }

  /** Moves one execution, or a few that are neighbors, up to what they read or what reads them; near more often than far. */
  shift(from: Sequence, to: Sequence): boolean {
    const { length, items } = from;
    const at = this.#below(length);
    let end = at + 1;
    while (this.#random() < 0.3 && end < length) end++;
    const far = this.#random();
    const span = 1 + Math.floor(far * far * far * length);
    const later = this.#random() < 0.5;
    let distance = 0;
    while (
      distance < span &&
      this.#passes(items, at, end, later ? end + distance : at - 1 - distance, length)
    )
      distance++;
    if (distance === 0) return false;
    const target = later ? at + distance : at - distance;
    to.items.set(items.subarray(0, length));
    if (later) to.items.copyWithin(at, end, end + distance);
    else to.items.copyWithin(target + (end - at), target, at);
    to.items.set(items.subarray(at, end), target);
    to.length = length;
    return true;
  }

  /** Whether what runs at [at, end) and what runs at `other` can change places. */
  #passes(items: Int32Array, at: number, end: number, other: number, length: number): boolean {
    if (other < 0 || other >= length) return false;
    const o = items[other] ?? 0;
    for (let p = at; p < end; p++) {
      const moved = items[p] ?? 0;
      if (other < at ? this.#follows(moved, o) : this.#follows(o, moved)) return false;
    }
    return true;
  }

  /** Whether an operation reads what another one writes. */
  #follows(o: number, writer: number): boolean {
    const { inputs, producer } = this.#flow;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      if (producer[inputs.items[k] ?? 0] === writer) return true;
    }
    return false;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** Whether at least one execution between the last one that touches the value and `at` leaves it alone. */
  #idle({ items }: Sequence, at: number, value: number): boolean {
    const before = items[at - 1] ?? 0;
    return at > 1 && this.#flow.producer[value] !== before && !this.#reads(before, value);
  }

  /** Whether the value that is there before `at` is read at or after it. */
  #read({ items, length }: Sequence, at: number, value: number): boolean {
    if (this.#flow.kept[value] === 1) return true;
    const writer = this.#flow.producer[value] ?? 0;
    for (let p = at; p < length; p++) {
      const o = items[p] ?? 0;
      if (this.#reads(o, value)) return true;
      if (o === writer) return false;
    }
    return false;
  }

  #reads(o: number, value: number): boolean {
    const { start, items } = this.#flow.inputs;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) if (items[k] === value) return true;
    return false;
  }
}
