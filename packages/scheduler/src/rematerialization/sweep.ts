/**
 * One pass along an order that drops values when the budget is reached and runs their writers again when they are
 * needed. It refuses to reconsider.
 *
 * The rule is that of a cache that knows the future: Kirisame et al., "Dynamic tensor rematerialization" (ICLR 2021),
 * with the distance to the next use in place of the time since the last one.
 */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { Heap } from "../dataflow/heap.js";
import { rowOf } from "../dataflow/rows.js";

export interface SweepRule {
  /** Power of the distance to the next use: the higher, the more that counts against size and cost. */
  readonly distance: 0 | 1 | 2;
  /** Whether the cost of a value counts what would have to run again before its writer. */
  readonly chained: boolean;
  /** Whether values of equal worth are dropped far from each other instead of from the first on. */
  readonly spread: boolean;
}

/** Executions within the budget where possible; undefined when they become more than `capacity`. */
export function sweep(
  flow: Dataflow,
  costs: Float64Array,
  order: Int32Array,
  budget: number,
  rule: SweepRule,
  capacity: number,
  effort: Effort,
): Int32Array | undefined {
  return new Sweep(flow, costs, order, budget, rule, capacity, effort).run();
}

class Sweep {
  readonly #flow: Dataflow;
  readonly #costs: Float64Array;
  readonly #order: Int32Array;
  readonly #budget: number;
  readonly #rule: SweepRule;
  readonly #effort: Effort;
  readonly #sequence: Int32Array;
  #length = 0;
  /** Positions in the order of the readers of each value, rising; `#next` is the first not yet passed. */
  readonly #uses: Int32Array;
  readonly #next: Int32Array;
  readonly #present: Uint8Array;
  readonly #locks: Int32Array;
  /** Present values by what they are worth, least first; an entry counts only if it has the value's key. */
  readonly #queue = new Heap();
  readonly #key: Float64Array;
  /** Per operation, the position in the order after which it, or what it depends on, cannot run again. */
  readonly #until: Int32Array;
  /** Per dropped value, the cost of having it again. */
  readonly #rebuild: Float64Array;
  #live = 0;
  #now = 0;

  constructor(
    flow: Dataflow,
    costs: Float64Array,
    order: Int32Array,
    budget: number,
    rule: SweepRule,
    capacity: number,
    effort: Effort,
  ) {
    this.#flow = flow;
    this.#costs = costs;
    this.#order = order;
    this.#budget = budget;
    this.#rule = rule;
    this.#effort = effort;
    this.#sequence = new Int32Array(capacity);
    const position = new Int32Array(order.length);
    for (const [t, o] of order.entries()) position[o] = t;
    this.#uses = flow.consumers.items.map((o) => position[o] ?? 0);
    for (let v = 0; v < flow.values; v++) {
      this.#uses.subarray(flow.consumers.start[v] ?? 0, flow.consumers.start[v + 1] ?? 0).sort();
    }
    this.#until = lastChances(flow, order, position);
    this.#next = flow.consumers.start.slice(0, flow.values);
    this.#present = new Uint8Array(flow.values);
    this.#locks = new Int32Array(flow.values);
    this.#key = new Float64Array(flow.values);
    this.#rebuild = new Float64Array(flow.values);
  }

  run(): Int32Array | undefined {
    for (const [t, o] of this.#order.entries()) {
      this.#now = t;
      if (!this.#execute(o)) return undefined;
    }
    const { values, kept, producer } = this.#flow;
    for (let v = 0; v < values; v++) {
      if (kept[v] === 1 && !this.#here(v) && !this.#execute(producer[v] ?? 0)) return undefined;
    }
    return this.#sequence.slice(0, this.#length);
  }

  /** Runs an operation of the order, and before it what writes its missing inputs. */
  #execute(operation: number): boolean {
    const { inputs, producer } = this.#flow;
    const stack = [{ o: operation, at: inputs.start[operation] ?? 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { o } = top;
      const end = inputs.start[o + 1] ?? 0;
      while (top.at < end && this.#here(inputs.items[top.at] ?? 0)) {
        this.#lock(inputs.items[top.at] ?? 0, 1);
        top.at++;
      }
      if (top.at < end) {
        const writer = producer[inputs.items[top.at] ?? 0] ?? 0;
        stack.push({ o: writer, at: inputs.start[writer] ?? 0 });
        continue;
      }
      stack.pop();
      if (this.#length === this.#sequence.length || !this.#effort.spend(8)) return false;
      this.#sequence[this.#length++] = o;
      this.#perform(o, stack.length === 0);
    }
    return true;
  }

  /** Makes room, adds the outputs, frees what ends. `first` says that the order itself has come to the operation. */
  #perform(o: number, first: boolean): void {
    const { inputs, outputs, size, demand } = this.#flow;
    let need = demand[o] ?? 0;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      if (this.#here(v)) need -= size[v] ?? 0;
    }
    need -= this.#taken(o, first);
    while (this.#live + need > this.#budget && this.#evict()) {}
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      if (!this.#here(v)) this.#add(v);
    }
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      this.#lock(v, -1);
      if (first) this.#next[v] = (this.#next[v] ?? 0) + 1;
      this.#pass(v);
    }
    if (!first) return;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++)
      this.#pass(outputs.items[k] ?? 0);
  }

  /** Bytes of an input that ends here and is overwritten. */
  #taken(o: number, first: boolean): number {
    const { overwrites, consumers, size } = this.#flow;
    for (let k = overwrites.start[o] ?? 0, end = overwrites.start[o + 1] ?? 0; k < end; k++) {
      const v = overwrites.items[k] ?? 0;
      const passed = (this.#next[v] ?? 0) + (first ? 1 : 0);
      if (this.#locks[v] === 1 && passed >= (consumers.start[v + 1] ?? 0)) return size[v] ?? 0;
    }
    return 0;
  }

  /** Position of the next use, the length of the order where it is kept, or -1. */
  #nextUse(v: number): number {
    const { consumers, kept } = this.#flow;
    const at = this.#next[v] ?? 0;
    if (at < (consumers.start[v + 1] ?? 0)) return this.#uses[at] ?? 0;
    return kept[v] === 1 ? this.#order.length : -1;
  }

  /** Drops the present value that is worth least to keep; false when there is none. */
  #evict(): boolean {
    const { size, producer } = this.#flow;
    const locked: number[] = [];
    let victim = -1;
    while (victim < 0 && this.#queue.size > 0) {
      this.#effort.spend(4);
      const { key } = this.#queue;
      const v = this.#queue.pop();
      if (!this.#here(v) || key !== this.#key[v] || size[v] === 0) continue;
      if ((this.#locks[v] ?? 0) > 0) {
        locked.push(v);
        continue;
      }
      // What a value is worth rises as its next use comes nearer: its place in the queue may be out of date.
      const worth = this.#worth(v);
      if (worth > this.#queue.key) this.#enqueue(v, worth);
      else victim = v;
    }
    for (const v of locked) this.#queue.push(v, this.#key[v] ?? 0, this.#tie(v));
    if (victim < 0) return false;
    this.#rebuild[victim] = this.#price(producer[victim] ?? 0);
    this.#remove(victim);
    return true;
  }

  /** Lets a value be dropped, unless it could not be written again for its next use. */
  #enqueue(v: number, worth: number): void {
    const droppable = this.#nextUse(v) <= (this.#until[this.#flow.producer[v] ?? 0] ?? 0);
    this.#key[v] = droppable ? worth : Number.NaN;
    if (droppable) this.#queue.push(v, worth, this.#tie(v));
  }

  /** Multiples of the golden ratio, whose fractions keep apart: Knuth, TAOCP 3, section 6.4. */
  #tie(v: number): number {
    return this.#rule.spread ? Math.imul(v, 0x9e3779b1) >>> 0 : v;
  }

  /** Cost of having a value again, by bytes and by the distance to its next use. */
  #worth(v: number): number {
    const use = this.#nextUse(v);
    const away = use < 0 ? Number.MAX_SAFE_INTEGER : Math.max(1, use - this.#now);
    const weight = this.#rule.distance === 0 ? 1 : this.#rule.distance === 1 ? away : away * away;
    return (
      (this.#price(this.#flow.producer[v] ?? 0) + Number.MIN_VALUE) / ((this.#flow.size[v] ?? 0) * weight)
    );
  }

  #price(o: number): number {
    let price = this.#costs[o] ?? 0;
    if (!this.#rule.chained) return price;
    const { start, items } = this.#flow.inputs;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) {
      const v = items[k] ?? 0;
      if (!this.#here(v)) price += this.#rebuild[v] ?? 0;
    }
    return price;
  }

  #here(v: number): boolean {
    return this.#present[v] === 1;
  }

  #lock(v: number, by: number): void {
    this.#locks[v] = (this.#locks[v] ?? 0) + by;
  }

  /** Ends a value that nothing will use; else its next use is farther now. */
  #pass(v: number): void {
    if (!this.#here(v) || this.#locks[v] !== 0) return;
    if (this.#nextUse(v) >= 0) {
      this.#enqueue(v, this.#worth(v));
      return;
    }
    this.#rebuild[v] = this.#price(this.#flow.producer[v] ?? 0);
    this.#remove(v);
  }

  #add(v: number): void {
    this.#present[v] = 1;
    this.#live += this.#flow.size[v] ?? 0;
    this.#enqueue(v, this.#worth(v));
  }

  #remove(v: number): void {
    this.#present[v] = 0;
    this.#live -= this.#flow.size[v] ?? 0;
  }
}

function lastChances(
  { operations, closes, inputs, producer }: Dataflow,
  order: Int32Array,
  position: Int32Array,
): Int32Array {
  const until = new Int32Array(operations).fill(order.length);
  const limit = (o: number, at: number): void => {
    until[o] = Math.min(until[o] ?? 0, at);
  };
  for (let o = 0; o < operations; o++) {
    for (const closed of rowOf(closes, o)) limit(closed, position[o] ?? 0);
  }
  for (const o of order) for (const v of rowOf(inputs, o)) limit(o, until[producer[v] ?? 0] ?? 0);
  return until;
}
