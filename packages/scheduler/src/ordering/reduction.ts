/** A dataflow whose modules are replaced, one by one, by chains of a few steps. It refuses to change the least peak. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { noRows, rowOf, rowsOf, transpose } from "../dataflow/rows.js";
import { type Module, modulesOf } from "./modules.js";
import { type Segment, segmentsOf } from "./segments.js";

/** Steps of the largest module that is looked at. */
const largest = 1000;

/** Share of the effort left that one module may take. */
const share = 0.1;

interface Step {
  inputs: number[];
  outputs: number[];
  readonly demand: number;
  /** The operations it stands for, in the order they run. */
  readonly members: readonly number[];
}

interface Datum {
  readonly size: number;
  readonly producer: number;
  readonly kept: boolean;
  readonly consumers: Set<number>;
}

export interface Reduced {
  readonly flow: Dataflow;
  /** Per operation of `flow`, the operations it stands for, in the order they run. */
  readonly members: readonly (readonly number[])[];
}

/** `order` is a legal order. The result may be the dataflow as it was. */
export function reduce(flow: Dataflow, order: Int32Array, effort: Effort): Reduced {
  const reduction = new Reduction(flow);
  for (const module of modulesOf(flow, order, effort)) {
    if (effort.left === 0) break;
    reduction.contract(module, effort);
  }
  return reduction.result();
}

class Reduction {
  readonly #steps: (Step | undefined)[] = [];
  readonly #data: (Datum | undefined)[] = [];
  /** Per operation, the step that stands for it. */
  readonly #standsFor: Int32Array;

  constructor(flow: Dataflow) {
    this.#standsFor = Int32Array.from({ length: flow.operations }, (_, o) => o);
    for (let o = 0; o < flow.operations; o++) {
      const demand = flow.demand[o] ?? 0;
      this.#steps.push({
        inputs: [...rowOf(flow.inputs, o)],
        outputs: [...rowOf(flow.outputs, o)],
        demand,
        members: [o],
      });
    }
    for (let v = 0; v < flow.values; v++) {
      const producer = flow.producer[v] ?? -1;
      const consumers = new Set(rowOf(flow.consumers, v));
      this.#data.push({ size: flow.size[v] ?? 0, producer, kept: flow.kept[v] === 1, consumers });
    }
  }

  contract({ entry, exit }: Module, effort: Effort): void {
    const first = this.#end(entry);
    const last = this.#end(exit);
    if (first === undefined || last === undefined) return;
    const steps = this.#between(first, last, effort);
    if (steps === undefined || steps.length < 2) return;
    const members = new Set(steps);
    const flow = this.#flowOf(steps, (v) => {
      const { kept, consumers } = this.#datum(v);
      return kept || [...consumers].some((c) => !members.has(c));
    });
    const segments = segmentsOf(flow, effort.part(share));
    if (segments === undefined || segments.length >= steps.length) return;
    const { entering, stays } = this.#remove(members);
    this.#chain(segments, steps, entering, stays, first, last);
  }

  /** The step of an end of a module; undefined when it has become part of something else. */
  #end(operation: number): number | undefined {
    if (operation < 0) return -1;
    const s = this.#standsFor[operation] ?? 0;
    return this.#step(s).members.length === 1 ? s : undefined;
  }

  /** The steps of a module; undefined when there are too many. */
  #between(entry: number, exit: number, effort: Effort): number[] | undefined {
    const forward = entry >= 0;
    const next = (s: number): number[] =>
      forward
        ? this.#step(s).outputs.flatMap((v) => [...this.#datum(v).consumers])
        : this.#step(s).inputs.map((v) => this.#datum(v).producer);
    const found = new Set<number>();
    const visit = (s: number): void => {
      for (const other of next(s)) if (other !== entry && other !== exit) found.add(other);
    };
    visit(forward ? entry : exit);
    for (const s of found) {
      if (found.size > largest || !effort.spend(50)) return undefined;
      visit(s);
    }
    return [...found].sort((a, b) => a - b);
  }

  result(): Reduced {
    const steps = [...this.#steps.keys()].filter((s) => this.#steps[s] !== undefined);
    const flow = this.#flowOf(steps, (v) => this.#datum(v).kept);
    return { flow, members: steps.map((s) => this.#step(s).members) };
  }

  /** Takes steps out; returns the bytes that enter them and end there, and those they leave for good. */
  #remove(members: ReadonlySet<number>): { entering: number; stays: number } {
    let entering = 0;
    let stays = 0;
    for (const s of members) {
      for (const v of this.#step(s).inputs) {
        const datum = this.#data[v];
        if (datum === undefined || members.has(datum.producer)) continue;
        datum.consumers.delete(s);
        if (datum.consumers.size > 0 || datum.kept) continue;
        entering += datum.size;
        this.#data[v] = undefined;
        const maker = this.#step(datum.producer);
        maker.outputs = maker.outputs.filter((other) => other !== v);
      }
      for (const v of this.#step(s).outputs) {
        const { kept, size, consumers } = this.#datum(v);
        if (kept) stays += size;
        for (const c of consumers) {
          if (members.has(c)) continue;
          const reader = this.#step(c);
          reader.inputs = reader.inputs.filter((other) => other !== v);
        }
        this.#data[v] = undefined;
      }
    }
    return { entering, stays };
  }

  /** Puts a chain of segments between entry and exit, each handing the bytes of its valley to the next. */
  #chain(
    segments: readonly Segment[],
    steps: readonly number[],
    entering: number,
    stays: number,
    entry: number,
    exit: number,
  ): void {
    let carried = entry < 0 ? -1 : this.#add(entering, entry, false);
    let memory = entering;
    for (const [i, { operations, hill, valley }] of segments.entries()) {
      const inner = operations.map((o) => steps[o] ?? 0);
      const members = inner.flatMap((s) => this.#step(s).members);
      const index = this.#steps.length;
      this.#steps.push({ inputs: [], outputs: [], demand: hill - memory, members });
      for (const o of members) this.#standsFor[o] = index;
      if (carried >= 0) this.#read(carried, index);
      const final = i === segments.length - 1;
      if (final && stays > 0) this.#add(stays, index, true);
      carried = final && exit < 0 ? -1 : this.#add(final ? valley - stays : valley, index, false);
      memory = valley;
    }
    if (carried >= 0) this.#read(carried, exit);
    for (const s of steps) this.#steps[s] = undefined;
  }

  #add(size: number, producer: number, kept: boolean): number {
    const v = this.#data.length;
    this.#data.push({ size, producer, kept, consumers: new Set() });
    this.#step(producer).outputs.push(v);
    return v;
  }

  #read(v: number, step: number): void {
    this.#datum(v).consumers.add(step);
    this.#step(step).inputs.push(v);
  }

  /** Some steps as a dataflow of their own, numbered as listed; what they read from elsewhere has no producer. */
  #flowOf(steps: readonly number[], keeps: (v: number) => boolean): Dataflow {
    const values: number[] = [];
    const local = new Map<number, number>();
    const number = (v: number): number => {
      const known = local.get(v) ?? values.length;
      if (known === values.length) {
        local.set(v, known);
        values.push(v);
      }
      return known;
    };
    const inputs = rowsOf(steps.map((s) => this.#step(s).inputs.map(number)));
    const outputs = rowsOf(steps.map((s) => this.#step(s).outputs.map(number)));
    const producer = new Int32Array(values.length).fill(-1);
    const makers = transpose(outputs, values.length);
    for (let v = 0; v < values.length; v++) {
      const first = makers.start[v] ?? 0;
      if ((makers.start[v + 1] ?? 0) > first) producer[v] = makers.items[first] ?? 0;
    }
    return {
      operations: steps.length,
      values: values.length,
      size: Float64Array.from(values, (v) => this.#datum(v).size),
      producer,
      inputs,
      outputs,
      consumers: transpose(inputs, values.length),
      kept: Uint8Array.from(values, (v) => (keeps(v) ? 1 : 0)),
      demand: Float64Array.from(steps, (s) => this.#step(s).demand),
      overwrites: noRows(steps.length),
      closes: noRows(steps.length),
    };
  }

  #step(s: number): Step {
    const step = this.#steps[s];
    if (step === undefined) throw new RangeError(`step ${s} has been replaced`);
    return step;
  }

  #datum(v: number): Datum {
    const datum = this.#data[v];
    if (datum === undefined) throw new RangeError(`value ${v} has been replaced`);
    return datum;
  }
}
