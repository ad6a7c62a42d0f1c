/**
 * Recomputation one value at a time: of what is alive at the peak only to be read later, what frees most bytes for the
 * least cost is computed again before it is read. It refuses to take a step back.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import type { Rows } from "../dataflow/rows.js";
import type { Found } from "./anneal.js";
import { Measure, type Sequence } from "./measure.js";

export interface Thrift {
  /** A legal order to start from. */
  readonly order: Int32Array;
  /** A peak that is low enough. */
  readonly goal: number;
  /** What executions may cost beyond the order. */
  readonly allowance: number;
}

/** Operations that one value may need to be computed again at most. */
const longest = 12;

/** Executions of no higher peak than the order, as low as the allowance lets them. */
export function economize(flow: Dataflow, costs: Float64Array, thrift: Thrift, effort: Effort): Found {
  const search = new Economy(flow, costs, thrift, effort);
  while (search.improve()) {}
  return search.found;
}

class Economy {
  readonly #flow: Dataflow;
  readonly #costs: Float64Array;
  readonly #thrift: Thrift;
  readonly #effort: Effort;
  readonly #measure: Measure;
  /** Per operation, its place in the order. */
  readonly #rank: Int32Array;
  readonly #tried = new Set<string>();
  readonly #most: number;
  #current: Sequence;
  #trial: Sequence;
  #peak: number;
  #peakAt: number;
  #cost: number;

  constructor(flow: Dataflow, costs: Float64Array, thrift: Thrift, effort: Effort) {
    this.#flow = flow;
    this.#costs = costs;
    this.#thrift = thrift;
    this.#effort = effort;
    const { order, allowance } = thrift;
    this.#rank = new Int32Array(order.length);
    for (const [t, o] of order.entries()) this.#rank[o] = t;
    const capacity = 3 * order.length + longest;
    this.#measure = new Measure(flow, costs, capacity);
    this.#current = { items: new Int32Array(capacity), length: order.length };
    this.#trial = { items: new Int32Array(capacity), length: 0 };
    this.#current.items.set(order);
    this.#measure.run(this.#current, 0);
    ({ peak: this.#peak, peakAt: this.#peakAt, cost: this.#cost } = this.#measure);
    this.#most = this.#cost + allowance;
  }

  get found(): Found {
    const { items, length } = this.#current;
    return { items: items.slice(0, length), peak: this.#peak, cost: this.#cost };
  }

  /** Takes the first candidate that lowers what is alive at the peak; false where none does. */
  improve(): boolean {
    if (this.#peak <= this.#thrift.goal || !this.#effort.spend(this.#current.length)) return false;
    const worth = ({ bytes, cost }: Candidate): number => bytes / (cost + 1);
    return this.#candidates()
      .sort((a, b) => worth(b) - worth(a) || a.before - b.before)
      .some((candidate) => this.#try(candidate));
  }

  /** The writer of the value alone, so that what it reads is held; and with the writers of what would not be there. */
  #variants(value: number, before: number): Candidate[] {
    const { inputs, producer, kept, size } = this.#flow;
    const writer = producer[value] ?? 0;
    const again = [writer];
    for (const o of again) {
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const input = inputs.items[k] ?? 0;
        const source = producer[input] ?? 0;
        if (again.length >= longest || again.includes(source) || kept[input] === 1) continue;
        if (!this.#readFrom(before, input)) again.push(source);
      }
    }
    again.sort((a, b) => (this.#rank[a] ?? 0) - (this.#rank[b] ?? 0));
    const bytes = size[value] ?? 0;
    return (again.length === 1 ? [again] : [[writer], again]).map((operations) => ({
      value,
      before,
      again: operations,
      bytes,
      cost: operations.reduce((sum, o) => sum + (this.#costs[o] ?? 0), 0),
    }));
  }

  /** Whether the value that is there before a position is read at or after it. */
  #readFrom(before: number, value: number): boolean {
    const { producer } = this.#flow;
    const { items, length } = this.#current;
    for (let p = before; p < length; p++) {
      const o = items[p] ?? 0;
      if (this.#reads(o, value)) return true;
      if (o === producer[value]) return false;
    }
    return false;
  }

  #reads(o: number, value: number): boolean {
    const { start, items } = this.#flow.inputs;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) if (items[k] === value) return true;
    return false;
  }

  #try({ value, before, again }: Candidate): boolean {
    const { length } = this.#current;
    const place = `${value} ${length - before} ${again.length}`;
    if (this.#tried.has(place) || length + again.length > this.#current.items.length) return false;
    if (!this.#effort.spend(length)) return false;
    this.#tried.add(place);
    insert(this.#current, again, before, this.#trial);
    const measure = this.#measure;
    if (!measure.run(this.#trial, 0) || measure.cost > this.#most || measure.peak > this.#peak) return false;
    if ((measure.during[this.#peakAt] ?? 0) >= this.#peak) return false;
    [this.#current, this.#trial] = [this.#trial, this.#current];
    ({ peak: this.#peak, peakAt: this.#peakAt, cost: this.#cost } = measure);
    return true;
  }

  /** What is alive at the peak without being used there and can be afforded again. */
  #candidates(): Candidate[] {
    const { inputs, outputs, producer, kept, size, values } = this.#flow;
    const { items, length } = this.#current;
    const idle = new Uint8Array(values);
    const mark = (p: number, { start, items: marked }: Rows, idles: 0 | 1): void => {
      const o = items[p] ?? 0;
      for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) idle[marked[k] ?? 0] = idles;
    };
    for (let p = 0; p < this.#peakAt; p++) mark(p, outputs, 1);
    mark(this.#peakAt, inputs, 0);
    const found: Candidate[] = [];
    for (let p = this.#peakAt + 1; p < length; p++) {
      const o = items[p] ?? 0;
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const value = inputs.items[k] ?? 0;
        if (idle[value] === 0) continue;
        idle[value] = 0;
        const price = this.#costs[producer[value] ?? 0] ?? 0;
        if (this.#cost + price > this.#most || kept[value] === 1 || size[value] === 0) continue;
        if (!this.#effort.spend(length >> 3)) return found;
        found.push(...this.#variants(value, p));
      }
      mark(p, outputs, 0);
    }
    return found;
  }
}

interface Candidate {
  readonly value: number;
  /** Position of its first reader after the peak. */
  readonly before: number;
  /** What runs again there. */
  readonly again: readonly number[];
  readonly bytes: number;
  readonly cost: number;
}

function insert({ items, length }: Sequence, added: readonly number[], at: number, into: Sequence): void {
  into.items.set(items.subarray(0, at));
  into.items.set(added, at);
  into.items.set(items.subarray(at, length), at + added.length);
  into.length = length + added.length;
}
