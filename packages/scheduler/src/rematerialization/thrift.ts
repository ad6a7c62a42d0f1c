/**
 * Recomputation one value at a time: of what is alive at the peak only to be read later, what frees most bytes for the
 * least cost is computed again before it is read. It refuses to take a step back.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import type { Rows } from "../dataflow/rows.js";
import type { Found } from "./anneal.js";
import { Timeline } from "./timeline.js";

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
  /** Its budget is the peak: what is above it would raise that. */
  readonly #timeline: Timeline;
  /** Per operation, its place in the order. */
  readonly #rank: Int32Array;
  /** Per value, 1 where it is read next before it is written again, from the position that is looked at on. */
  readonly #readNext: Uint8Array;
  readonly #tried = new Set<string>();
  readonly #most: number;
  #peakAt: number;

  constructor(flow: Dataflow, costs: Float64Array, thrift: Thrift, effort: Effort) {
    this.#flow = flow;
    this.#costs = costs;
    this.#thrift = thrift;
    this.#effort = effort;
    this.#readNext = new Uint8Array(flow.values);
    const { order, allowance } = thrift;
    this.#rank = new Int32Array(order.length);
    for (const [t, o] of order.entries()) this.#rank[o] = t;
    this.#timeline = new Timeline(flow, costs, 0, 3 * order.length + longest);
    this.#timeline.load(order);
    this.#peakAt = this.#lowerBudget();
    this.#most = this.#timeline.cost + allowance;
  }

  get found(): Found {
    const { items, length, budget: peak, cost } = this.#timeline;
    return { items: items.slice(0, length), peak, cost };
  }

  /** Allows no more than the peak; returns where that is. */
  #lowerBudget(): number {
    const { peakAt, during } = this.#timeline;
    this.#timeline.budget = during[peakAt] ?? 0;
    return peakAt;
  }

  /** Takes the first candidate that lowers what is alive at the peak; false where none does. */
  improve(): boolean {
    const { length, budget: peak } = this.#timeline;
    if (peak <= this.#thrift.goal || !this.#effort.spend(length)) return false;
    const worth = ({ bytes, cost }: Candidate): number => bytes / (cost + 1);
    return this.#candidates()
      .sort((a, b) => worth(b) - worth(a) || a.before - b.before)
      .some((candidate) => this.#try(candidate));
  }

  /** The writer of the value alone, so that what it reads is held; and with the writers of what would not be there. */
  #variants({ value, before }: Gap): Candidate[] {
    const { inputs, producer, kept, size } = this.#flow;
    const writer = producer[value] ?? 0;
    const again = [writer];
    for (const o of again) {
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const input = inputs.items[k] ?? 0;
        const source = producer[input] ?? 0;
        if (again.length >= longest || again.includes(source) || kept[input] === 1) continue;
        if (this.#readNext[input] === 0) again.push(source);
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

  #try({ value, before, again }: Candidate): boolean {
    const timeline = this.#timeline;
    const place = `${value} ${timeline.length - before} ${again.length}`;
    if (this.#tried.has(place) || timeline.length + again.length > timeline.items.length) return false;
    if (!this.#effort.spend(4 * again.length)) return false;
    this.#tried.add(place);
    const items = Int32Array.from(again);
    const weighed = timeline.weigh({ from: before, to: before, length: items.length, items });
    if (weighed === undefined) return false;
    this.#effort.spend(weighed.outside.length >> 3);
    if (weighed.overflowChange > 0 || weighed.outside.at(this.#peakAt) >= 0) return false;
    if (timeline.cost + weighed.costChange > this.#most) return false;
    timeline.commit();
    this.#peakAt = this.#lowerBudget();
    return true;
  }

  /** What can be afforded again of what is alive at the peak without being used there. */
  #candidates(): Candidate[] {
    const { inputs, outputs } = this.#flow;
    const { items, length } = this.#timeline;
    const gaps = this.#gaps();
    const found: Candidate[] = [];
    this.#readNext.fill(0);
    for (let p = length - 1; p > this.#peakAt && gaps.length > 0; p--) {
      mark(this.#readNext, outputs, items[p] ?? 0, 0);
      mark(this.#readNext, inputs, items[p] ?? 0, 1);
      for (let gap = gaps.at(-1); gap?.before === p; gap = gaps.at(-1)) {
        gaps.pop();
        if (!this.#effort.spend(longest)) return found;
        found.push(...this.#variants(gap));
      }
    }
    return found;
  }

  /** What the peak finds alive and does not use, with its first reader after it, in the order of these. */
  #gaps(): Gap[] {
    const { inputs, outputs, producer, kept, size, values } = this.#flow;
    const { items, length, cost } = this.#timeline;
    const idle = new Uint8Array(values);
    for (let p = 0; p < this.#peakAt; p++) mark(idle, outputs, items[p] ?? 0, 1);
    mark(idle, inputs, items[this.#peakAt] ?? 0, 0);
    const gaps: Gap[] = [];
    for (let p = this.#peakAt + 1; p < length; p++) {
      const o = items[p] ?? 0;
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const value = inputs.items[k] ?? 0;
        if (idle[value] === 0) continue;
        idle[value] = 0;
        const price = this.#costs[producer[value] ?? 0] ?? 0;
        if (cost + price <= this.#most && kept[value] === 0 && size[value] !== 0) {
          gaps.push({ value, before: p });
        }
      }
      mark(idle, outputs, o, 0);
    }
    return gaps;
  }
}

/** A value that rests over the peak. */
interface Gap {
  readonly value: number;
  /** Position of its first reader after the peak. */
  readonly before: number;
}

interface Candidate extends Gap {
  /** What runs again there. */
  readonly again: readonly number[];
  readonly bytes: number;
  readonly cost: number;
}

function mark(values: Uint8Array, { start, items }: Rows, row: number, as: 0 | 1): void {
  for (let k = start[row] ?? 0, end = start[row + 1] ?? 0; k < end; k++) values[items[k] ?? 0] = as;
}
