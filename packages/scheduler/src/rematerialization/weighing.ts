/**
 * What replacing a stretch of a timeline would change, at the price of the stretch: outside of it, only values that are
 * read there and were written earlier become live, or stop being so, between their last use and the stretch. It refuses
 * to change the timeline by itself.
 */

import { Changes } from "./changes.js";
import { finalValues, isFinal } from "./closing.js";
import type { Edit } from "./edit.js";
import type { Timeline } from "./timeline.js";

export class Weighing {
  readonly #timeline: Timeline;
  /** Per value, when it cannot be written again. */
  readonly #final: Uint8Array;
  readonly #keptBytes: number;
  edit: Edit;
  costChange = 0;
  overflowChange = 0;

  /** Values that the old or the new stretch touches. */
  readonly #values: Int32Array;
  #count = 0;
  #round = 0;
  readonly #marked: Int32Array;
  /** Of a touched value: its touches inside the old stretch, and the position of the one before. */
  readonly #first: Int32Array;
  readonly #end: Int32Array;
  readonly #before: Int32Array;
  /** Whether it is live at the start of the old and of the new stretch because something after reads it. */
  readonly #entered: Uint8Array;
  readonly #enters: Uint8Array;
  /** Whether it has been written and read, and the place in the new stretch that touched it last, or -1. */
  readonly #written: Uint8Array;
  readonly #read: Uint8Array;
  readonly #last: Int32Array;
  /** Per place in the new stretch, changes of what is live and then what is live, and what is taken over. */
  readonly #inside: Float64Array;
  readonly #taken: Int32Array;
  /** What changes before the stretch. */
  readonly outside: Changes;
  /** Positions before the stretch that take over something else than they did. */
  readonly #changed: { readonly position: number; readonly taken: number }[] = [];

  constructor(timeline: Timeline) {
    const { flow, items } = timeline;
    this.#timeline = timeline;
    this.#final = finalValues(flow);
    this.#keptBytes = flow.size.reduce((sum, size, v) => sum + size * (flow.kept[v] ?? 0), 0);
    this.edit = { from: 0, to: 0, length: 0, items };
    this.#values = new Int32Array(flow.values);
    this.#marked = new Int32Array(flow.values);
    this.#first = new Int32Array(flow.values);
    this.#end = new Int32Array(flow.values);
    this.#before = new Int32Array(flow.values);
    this.#entered = new Uint8Array(flow.values);
    this.#enters = new Uint8Array(flow.values);
    this.#written = new Uint8Array(flow.values);
    this.#read = new Uint8Array(flow.values);
    this.#last = new Int32Array(flow.values);
    this.#inside = new Float64Array(items.length + 2);
    this.#taken = new Int32Array(items.length + 2);
    this.outside = new Changes(items.length);
  }

  /** Live bytes at a place of the new stretch. */
  live(place: number): number {
    return this.#inside[place] ?? 0;
  }

  taken(place: number): number {
    return this.#taken[place] ?? -1;
  }

  /** False where something would be read that is not there. */
  weigh(edit: Edit): boolean {
    this.outside.reset(edit.from);
    this.edit = edit;
    this.#changed.length = 0;
    const base = this.#collect();
    if (!this.#run()) return false;
    for (let i = 0; i < this.#count; i++) if (!this.#leave(this.#values[i] ?? 0)) return false;
    for (let i = 0; i < this.#count; i++) this.#settle(this.#values[i] ?? 0);
    const { during, budget } = this.#timeline;
    this.overflowChange = this.#sumInside(base) + this.outside.overflow(during, budget);
    return true;
  }

  /** Marks what is touched; returns what is live all along the old stretch besides. */
  #collect(): number {
    const { items, during, taken, flow, costs, length } = this.#timeline;
    const { from, to } = this.edit;
    this.#count = 0;
    this.#round++;
    let cost = 0;
    for (let p = from; p < to; p++) {
      const o = items[p] ?? 0;
      cost -= costs[o] ?? 0;
      this.#touch(o);
    }
    for (let q = 0; q < this.edit.length; q++) {
      const o = this.edit.items[q] ?? 0;
      cost += costs[o] ?? 0;
      this.#touch(o);
    }
    this.costChange = cost;
    let base = length === 0 ? 0 : this.#keptBytes;
    if (from < length) {
      base = (during[from] ?? 0) - (flow.demand[items[from] ?? 0] ?? 0) + (flow.size[taken[from] ?? -1] ?? 0);
    }
    for (let i = 0; i < this.#count; i++) {
      const v = this.#values[i] ?? 0;
      if (this.#entered[v] === 1) base -= flow.size[v] ?? 0;
    }
    return base;
  }

  #touch(o: number): void {
    const { inputs, outputs } = this.#timeline.flow;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++)
      this.#mark(inputs.items[k] ?? 0);
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++)
      this.#mark(outputs.items[k] ?? 0);
  }

  #mark(v: number): void {
    if (this.#marked[v] === this.#round) return;
    this.#marked[v] = this.#round;
    this.#values[this.#count++] = v;
    const { touches, flow } = this.#timeline;
    const { from, to } = this.edit;
    const list = touches.of(v);
    const first = touches.find(v, from);
    let end = first;
    while (end < list.length && (touches.position[list[end] ?? 0] ?? 0) < to) end++;
    this.#first[v] = first;
    this.#end[v] = end;
    const before = list[first - 1] ?? -1;
    this.#before[v] = before < 0 ? -1 : (touches.position[before] ?? 0);
    const next = list[first] ?? -1;
    const wanted = next < 0 ? flow.kept[v] === 1 : !touches.writes(v, next);
    this.#entered[v] = before >= 0 && wanted ? 1 : 0;
    this.#enters[v] = 0;
    this.#written[v] = before >= 0 ? 1 : 0;
    this.#read[v] = before >= 0 && !touches.writes(v, before) ? 1 : 0;
    this.#last[v] = -1;
  }

  /** Walks over the new stretch. */
  #run(): boolean {
    const { inputs, outputs, demand } = this.#timeline.flow;
    const { length, items } = this.edit;
    for (let q = 0; q <= length; q++) {
      this.#inside[q] = 0;
      this.#taken[q] = -1;
    }
    for (let q = 0; q < length; q++) {
      const o = items[q] ?? 0;
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const v = inputs.items[k] ?? 0;
        if (this.#written[v] === 0) return false;
        this.#hold(v, q);
        this.#read[v] = 1;
        this.#last[v] = q;
      }
      for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
        const v = outputs.items[k] ?? 0;
        if (isFinal(this.#final[v], this.#written[v], this.#read[v])) return false;
        this.#finish(v);
        this.#written[v] = 1;
        this.#last[v] = q;
      }
      this.#change(q, q + 1, demand[o] ?? 0);
    }
    return true;
  }

  /** What a value is needed for after the new stretch. */
  #leave(v: number): boolean {
    const { touches, flow } = this.#timeline;
    const next = touches.of(v)[this.#end[v] ?? 0] ?? -1;
    const writes = next >= 0 && touches.writes(v, next);
    if (writes && isFinal(this.#final[v], this.#written[v], this.#read[v])) return false;
    if (next < 0 ? flow.kept[v] === 0 : writes) {
      this.#finish(v);
      return true;
    }
    if (this.#written[v] === 0) return false;
    this.#hold(v, this.edit.length - 1);
    return true;
  }

  /** A value is live from what touched it last up to a place. */
  #hold(v: number, place: number): void {
    const last = this.#last[v] ?? -1;
    if (last < 0) this.#enters[v] = 1;
    this.#change(last + 1, place + 1, this.#timeline.flow.size[v] ?? 0);
  }

  /** Nothing reads a value after what touched it last: that may take it over. */
  #finish(v: number): void {
    const last = this.#last[v] ?? -1;
    if (last < 0) return;
    const { start, items } = this.#timeline.flow.overwrites;
    const o = this.edit.items[last] ?? 0;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end; k++) {
      if (items[k] === this.#taken[last]) return;
      if (items[k] === v) this.#taken[last] = v;
    }
  }

  #change(from: number, to: number, bytes: number): void {
    this.#inside[from] = (this.#inside[from] ?? 0) + bytes;
    this.#inside[to] = (this.#inside[to] ?? 0) - bytes;
  }

  /** What changes before the stretch for a value. */
  #settle(v: number): void {
    const before = this.#before[v] ?? -1;
    if (before < 0 || this.#entered[v] === this.#enters[v]) return;
    const { flow, items } = this.#timeline;
    const size = flow.size[v] ?? 0;
    this.outside.add(before + 1, this.edit.from, this.#enters[v] === 1 ? size : -size);
    const o = items[before] ?? 0;
    if ((flow.overwrites.start[o] ?? 0) < (flow.overwrites.start[o + 1] ?? 0)) this.#takeOver(before, o);
  }

  /** Finds anew what an execution before the stretch takes over. */
  #takeOver(position: number, o: number): void {
    if (this.#changed.some((other) => other.position === position)) return;
    const { flow, touches, taken } = this.#timeline;
    const { start, items } = flow.overwrites;
    let found = -1;
    for (let k = start[o] ?? 0, end = start[o + 1] ?? 0; k < end && found < 0; k++) {
      const v = items[k] ?? 0;
      if (this.#marked[v] === this.#round && this.#before[v] === position) {
        if (this.#enters[v] === 0) found = v;
        continue;
      }
      const next = touches.of(v)[touches.find(v, position) + 1];
      if (next === undefined ? flow.kept[v] === 0 : touches.writes(v, next)) found = v;
    }
    const old = taken[position] ?? -1;
    this.outside.add(position, position + 1, (flow.size[old] ?? 0) - (flow.size[found] ?? 0));
    this.#changed.push({ position, taken: found });
  }

  #sumInside(base: number): number {
    const { budget, during, flow } = this.#timeline;
    const { from, to, length } = this.edit;
    let change = 0;
    for (let p = from; p < to; p++) change -= Math.max(0, (during[p] ?? 0) - budget);
    let live = base;
    for (let q = 0; q < length; q++) {
      live += this.#inside[q] ?? 0;
      const here = live - (flow.size[this.#taken[q] ?? -1] ?? 0);
      this.#inside[q] = here;
      if (here > budget) change += here - budget;
    }
    return change;
  }

  /** The first part of making the edit: what is live before the stretch. */
  applyBefore(): void {
    const { during, taken } = this.#timeline;
    this.outside.apply(during);
    for (const { position, taken: value } of this.#changed) taken[position] = value;
  }

  /** The second part: the old stretch touches nothing. */
  dropTouches(): void {
    for (let i = 0; i < this.#count; i++) {
      const v = this.#values[i] ?? 0;
      this.#timeline.touches.remove(v, this.#first[v] ?? 0, this.#end[v] ?? 0);
    }
  }

  /** The third part, for each execution of the new stretch in turn. */
  addTouches(o: number, execution: number): void {
    const { inputs, outputs } = this.#timeline.flow;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++)
      this.#add(inputs.items[k] ?? 0, execution);
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++)
      this.#add(outputs.items[k] ?? 0, execution);
  }

  #add(v: number, execution: number): void {
    const at = this.#first[v] ?? 0;
    this.#timeline.touches.insert(v, at, execution);
    this.#first[v] = at + 1;
  }
}
