/** A set of operations between two fixed states, and the memory of every state in between. It refuses to choose. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { type Rows, rowsOf } from "../dataflow/rows.js";

/** What a block looks like from outside. */
export interface BlockFrame {
  readonly operations: ArrayLike<number>;
  /** Whether an operation outside the block runs before it. */
  readonly before: (operation: number) => boolean;
  /** Live bytes before the block. */
  readonly base: number;
}

/**
 * Walks over the states of a block: a state is a set of operations that contains the predecessors of its members.
 * `advance` runs an operation, `retreat` takes it back; each costs the degree of the operation. Operations and values
 * have local numbers. The memory of a state is a submodular function of the set.
 */
export class Block {
  readonly count: number;
  /** Local operation to operation. */
  readonly operations: Int32Array;
  /** Per local operation, what running it adds to what is live before. */
  readonly demand: Float64Array;
  readonly inputs: Rows;
  readonly outputs: Rows;
  /** Per local value, the local operation that writes it; -1 where that is not in the block. */
  readonly producer: Int32Array;
  /** Per local value, its readers inside the block. */
  readonly consumers: Rows;
  readonly size: Float64Array;
  /** Per local value, 1 where something after the block holds it. */
  readonly held: Uint8Array;
  /** Per local value, readers inside the block that have not run. */
  readonly left: Int32Array;
  /** Per local operation, values from inside the block that it still waits for. */
  readonly waits: Int32Array;
  /** Per local operation, readers of its outputs that have run. */
  readonly followed: Int32Array;
  /** Live bytes in the present state. */
  memory = 0;
  readonly #base: number;
  readonly #waitsAtFirst: Int32Array;

  constructor(flow: Dataflow, { operations, before, base }: BlockFrame) {
    this.count = operations.length;
    this.operations = Int32Array.from(operations);
    this.#base = base;
    this.demand = Float64Array.from(this.operations, (o) => flow.demand[o] ?? 0);
    const { inputs, outputs, values } = localRows(flow, this.operations);
    this.inputs = inputs;
    this.outputs = outputs;
    this.size = Float64Array.from(values, (v) => flow.size[v] ?? 0);
    const local = new Map<number, number>();
    for (const [i, o] of this.operations.entries()) local.set(o, i);
    this.held = new Uint8Array(values.length);
    this.consumers = rowsOf(
      values.map((v, i) => {
        const inside: number[] = [];
        if (flow.kept[v] === 1) this.held[i] = 1;
        for (let k = flow.consumers.start[v] ?? 0, end = flow.consumers.start[v + 1] ?? 0; k < end; k++) {
          const consumer = flow.consumers.items[k] ?? 0;
          const at = local.get(consumer);
          if (at !== undefined) inside.push(at);
          else if (!before(consumer)) this.held[i] = 1;
        }
        return inside;
      }),
    );
    this.producer = new Int32Array(values.length).fill(-1);
    this.#waitsAtFirst = new Int32Array(this.count);
    for (let o = 0; o < this.count; o++) {
      for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
        const v = outputs.items[k] ?? 0;
        this.producer[v] = o;
        for (let j = this.consumers.start[v] ?? 0, last = this.consumers.start[v + 1] ?? 0; j < last; j++) {
          const c = this.consumers.items[j] ?? 0;
          this.#waitsAtFirst[c] = (this.#waitsAtFirst[c] ?? 0) + 1;
        }
      }
    }
    this.left = new Int32Array(values.length);
    this.waits = new Int32Array(this.count);
    this.followed = new Int32Array(this.count);
    this.reset();
  }

  /** Back to the first state. */
  reset(): void {
    const { start } = this.consumers;
    this.memory = this.#base;
    for (let v = 0; v < this.left.length; v++) this.left[v] = (start[v + 1] ?? 0) - (start[v] ?? 0);
    this.waits.set(this.#waitsAtFirst);
    this.followed.fill(0);
  }

  advance(o: number): void {
    const { inputs, outputs, consumers, left, waits, followed } = this;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      const first = consumers.start[v] ?? 0;
      const last = consumers.start[v + 1] ?? 0;
      if (last > first || this.held[v] === 1) this.memory += this.size[v] ?? 0;
      for (let j = first; j < last; j++) {
        const c = consumers.items[j] ?? 0;
        waits[c] = (waits[c] ?? 0) - 1;
      }
    }
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      const rest = (left[v] ?? 0) - 1;
      left[v] = rest;
      if (rest === 0 && this.held[v] === 0) this.memory -= this.size[v] ?? 0;
      const p = this.producer[v] ?? -1;
      if (p >= 0) followed[p] = (followed[p] ?? 0) + 1;
    }
  }

  retreat(o: number): void {
    const { inputs, outputs, consumers, left, waits, followed } = this;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      const rest = left[v] ?? 0;
      left[v] = rest + 1;
      if (rest === 0 && this.held[v] === 0) this.memory += this.size[v] ?? 0;
      const p = this.producer[v] ?? -1;
      if (p >= 0) followed[p] = (followed[p] ?? 0) - 1;
    }
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      const first = consumers.start[v] ?? 0;
      const last = consumers.start[v + 1] ?? 0;
      if (last > first || this.held[v] === 1) this.memory -= this.size[v] ?? 0;
      for (let j = first; j < last; j++) {
        const c = consumers.items[j] ?? 0;
        waits[c] = (waits[c] ?? 0) + 1;
      }
    }
  }
}

/** The rows of a few operations with values numbered in order of appearance. */
function localRows(
  flow: Dataflow,
  operations: Int32Array,
): { inputs: Rows; outputs: Rows; values: number[] } {
  const values: number[] = [];
  const known = new Map<number, number>();
  const localOf = (v: number): number => {
    const at = known.get(v) ?? values.length;
    if (at === values.length) {
      known.set(v, at);
      values.push(v);
    }
    return at;
  };
  const localize = ({ start, items }: Rows): Rows => {
    const localStart = new Int32Array(operations.length + 1);
    const localItems: number[] = [];
    for (let i = 0; i < operations.length; i++) {
      const o = operations[i] ?? 0;
      for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++)
        localItems.push(localOf(items[k] ?? 0));
      localStart[i + 1] = localItems.length;
    }
    return { start: localStart, items: Int32Array.from(localItems) };
  };
  return { inputs: localize(flow.inputs), outputs: localize(flow.outputs), values };
}
