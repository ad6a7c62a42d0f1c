/** Small changes of a timeline, each at random. It refuses to judge them. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { rowOf } from "../dataflow/rows.js";
import type { Edit } from "./edit.js";
import type { Timeline } from "./timeline.js";

/** Operations that one move may run again at most. */
const longest = 12;

/** Tries to find a position above the budget. */
const looks = 2;

/** A move writes the edit; false when it found nothing to do. */
export class Moves {
  readonly #flow: Dataflow;
  readonly #timeline: Timeline;
  readonly #random: () => number;
  /** Per operation, its place in a legal order. */
  readonly #rank: Int32Array;
  readonly #keptValues: number[] = [];
  readonly edit: Edit;

  constructor(timeline: Timeline, order: Int32Array, random: () => number) {
    this.#flow = timeline.flow;
    this.#timeline = timeline;
    this.#random = random;
    this.#rank = new Int32Array(this.#flow.operations);
    for (const [t, o] of order.entries()) this.#rank[o] = t;
    for (let v = 0; v < this.#flow.values; v++) if (this.#flow.kept[v] === 1) this.#keptValues.push(v);
    this.edit = { from: 0, to: 0, length: 0, items: new Int32Array(timeline.items.length) };
  }

  /** One of the moves. */
  any(): boolean {
    const dice = this.#random();
    if (dice < 0.35) return this.repeat();
    if (dice < 0.65) return this.erase();
    return this.shift();
  }

  /**
   * Writes a value again right before one of its readers or at the end, so that it takes no memory since its last use;
   * what that needs and is no longer there is written again as well, or held until then.
   */
  repeat(): boolean {
    const { inputs, producer } = this.#flow;
    const { items, length } = this.#timeline;
    const at = this.#reader();
    const value =
      at === length ? this.#keptValues[this.#below(this.#keptValues.length)] : this.#operand(items[at] ?? 0);
    if (value === undefined || !this.#idle(at, value)) return false;
    const again = [producer[value] ?? 0];
    for (const o of again) {
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const v = inputs.items[k] ?? 0;
        const p = producer[v] ?? 0;
        if (again.length >= longest || again.includes(p)) continue;
        if (!this.#wanted(at, v) && this.#random() < 0.5) again.push(p);
      }
    }
    if (length + again.length > items.length) return false;
    again.sort((a, b) => (this.#rank[a] ?? 0) - (this.#rank[b] ?? 0));
    this.#replace(at, at, again.length);
    this.edit.items.set(again);
    return true;
  }

  /** Leaves out an execution of an operation that runs more than once, and maybe such neighbors. */
  erase(): boolean {
    const { length, times, repeated, touches } = this.#timeline;
    if (repeated.length === 0) return false;
    const o = repeated[this.#below(repeated.length)] ?? 0;
    const value = this.#flow.outputs.items[this.#flow.outputs.start[o] ?? 0] ?? 0;
    const list = touches.of(value);
    let skip = this.#below(times[o] ?? 0);
    const execution = list.find((e) => touches.operation[e] === o && skip-- === 0) ?? -1;
    const at = touches.position[execution] ?? 0;
    let end = at + 1;
    if (this.#random() < 0.4) {
      while (end < length && this.#spare(at, end) && this.#random() < 0.6) end++;
    }
    this.#replace(at, end, 0);
    return true;
  }

  /** Whether the operation at `end` would still run if [at, end] were left out. */
  #spare(at: number, end: number): boolean {
    const { items, times } = this.#timeline;
    let rest = (times[items[end] ?? 0] ?? 0) - 1;
    for (let p = at; p < end; p++) if (items[p] === items[end]) rest--;
    return rest > 0;
  }

  /** Moves one execution, or a few that are neighbors, up to what they read or what reads them; near more often than far. */
  shift(): boolean {
    const { length, items } = this.#timeline;
    const at = this.#spot();
    let end = at + 1;
    while (this.#random() < 0.3 && end < length) end++;
    const far = this.#random();
    const span = 1 + Math.floor(far * far * far * length);
    const later = this.#random() < 0.5;
    let distance = 0;
    while (distance < span && this.#passes(at, end, later ? end + distance : at - 1 - distance)) distance++;
    if (distance === 0) return false;
    const from = later ? at : at - distance;
    const to = later ? end + distance : end;
    this.#replace(from, to, to - from);
    const moved = later ? to - from - (end - at) : 0;
    for (let p = at; p < end; p++) this.edit.items[moved + p - at] = items[p] ?? 0;
    const passed = later ? 0 : end - at;
    const start = later ? end : from;
    for (let i = 0; i < distance; i++) this.edit.items[passed + i] = items[start + i] ?? 0;
    return true;
  }

  /** A position, rather one that is above the budget. */
  #spot(): number {
    const { length, during, budget, overflow } = this.#timeline;
    for (let tries = overflow > 0 ? looks : 0; tries > 0; tries--) {
      const at = this.#below(length);
      if ((during[at] ?? 0) > budget) return at;
    }
    return this.#below(length);
  }

  /** A position that reads something, after one that is above the budget if there is such; or the end, for what is kept. */
  #reader(): number {
    const { length, during, budget } = this.#timeline;
    if (this.#keptValues.length > 0 && this.#below(length + 1) === 0) return length;
    const spot = this.#spot();
    if ((during[spot] ?? 0) <= budget) return spot;
    const far = this.#random();
    return Math.min(length - 1, spot + Math.floor(far * far * (length - spot)));
  }

  #replace(from: number, to: number, length: number): void {
    this.edit.from = from;
    this.edit.to = to;
    this.edit.length = length;
  }

  /** Whether what runs at [at, end) and what runs at `other` can change places. */
  #passes(at: number, end: number, other: number): boolean {
    const { length, items } = this.#timeline;
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

  #operand(o: number): number | undefined {
    const { start, items } = this.#flow.inputs;
    const first = start[o] ?? 0;
    const degree = (start[o + 1] ?? 0) - first;
    return degree === 0 ? undefined : items[first + this.#below(degree)];
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /**
   * Whether writing the value again before `at` can spare memory: at least one execution since the last one that touches it
   * leaves it alone, or that one can overwrite it.
   */
  #idle(at: number, value: number): boolean {
    const { touches } = this.#timeline;
    const before = touches.of(value)[touches.find(value, at) - 1] ?? -1;
    if (before < 0) return false;
    const overwritten = rowOf(this.#flow.overwrites, touches.operation[before] ?? 0).includes(value);
    return overwritten || (touches.position[before] ?? 0) < at - 1;
  }

  /** Whether the value that is there before `at` is needed at or after it. */
  #wanted(at: number, value: number): boolean {
    const { touches } = this.#timeline;
    const next = touches.of(value)[touches.find(value, at)];
    return next === undefined ? this.#flow.kept[value] === 1 : !touches.writes(value, next);
  }
}
