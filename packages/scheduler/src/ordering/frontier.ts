/**
 * Exact search over the states of a block: can it be run within a limit? It refuses to choose the limit.
 *
 * Memory is a submodular function of the set of operations that have run (each value is one directed hyperedge), so
 * for states X and Y: memory(X ∩ Y) + memory(X ∪ Y) <= memory(X) + memory(Y). Hence a commitment without loss: when
 * a state E that needs no more memory than an earlier state A is reached within the limit, and E is the cheapest
 * state between A and E, then whatever can be finished from A can be finished from E, and every alternative at A is
 * dropped. This is the exploration of Jacquelin, Marchal, Robert, Ucar, "On optimal tree traversals for sparse matrix
 * factorization" (IPDPS 2011) carried from trees to graphs. The same holds backward in time, from the last state
 * down, which is what makes joining branches easy.
 */

import type { Effort } from "../dataflow/effort.js";
import type { Block } from "./block.js";
import { settle } from "./settle.js";
import { StateSet } from "./states.js";

export type Outcome =
  /** The order fits. */
  | { readonly kind: "done" }
  /** Nothing fits; nothing below `next` does either. */
  | { readonly kind: "stuck"; readonly next: number }
  /** The allowed states were not enough. */
  | { readonly kind: "spent" };

interface Frame {
  readonly memory: number;
  /** Operations that had moved when the frame was opened. */
  readonly length: number;
  readonly state: Int32Array;
  readonly choices: Int32Array;
  next: number;
  /** States dropped, not refuted, on the way from the previous frame to this one. */
  readonly dropped: readonly Int32Array[];
}

export class Explorer {
  readonly #block: Block;
  readonly #forward: boolean;
  /** Moved operations, in the order of the moves. */
  readonly #path: number[] = [];
  readonly #state: Int32Array;
  readonly #ready: number[] = [];
  readonly #place: Int32Array;
  readonly #seen: StateSet;
  #frames: Frame[] = [];
  #next = Number.POSITIVE_INFINITY;

  /** The block stands at its first state when going forward, at its last when going backward. */
  constructor(block: Block, forward: boolean) {
    this.#block = block;
    this.#forward = forward;
    const words = Math.max(1, (block.count + 31) >> 5);
    this.#state = new Int32Array(words);
    this.#seen = new StateSet(words);
    this.#place = new Int32Array(block.count).fill(-1);
    const pending = forward ? block.waits : block.followed;
    for (let o = 0; o < block.count; o++) if (pending[o] === 0) this.#add(o);
  }

  /** Operations that have moved for good, first move first. */
  get path(): readonly number[] {
    return this.#path;
  }

  /** Searches within `limit`, looking at no more than `states` states. What it commits to stays moved. */
  explore(limit: number, states: number, effort: Effort): Outcome {
    this.#seen.clear();
    this.#frames = [];
    this.#next = Number.POSITIVE_INFINITY;
    const start = this.#path.length;
    let looked = 0;
    let fresh = this.#open(limit, effort);
    for (;;) {
      if (this.#path.length === this.#block.count) return { kind: "done" };
      if (fresh) looked++;
      const top = this.#frames.at(-1);
      if (top === undefined) return { kind: "stuck", next: this.#next };
      if (looked > states || effort.left === 0) {
        this.#unwind(this.#frames[0]?.length ?? start);
        return { kind: "spent" };
      }
      this.#unwind(top.length);
      if (top.next >= top.choices.length) {
        this.#frames.pop();
        fresh = false;
        continue;
      }
      this.#move(top.choices[top.next++] ?? 0);
      effort.spend(8);
      fresh = this.#open(limit, effort);
    }
  }

  /** Opens a frame at the present state unless it has been seen; commits to it if that loses nothing. */
  #open(limit: number, effort: Effort): boolean {
    for (;;) {
      if (this.#path.length === this.#block.count) return true;
      if (!this.#seen.add(this.#state)) return false;
      const { memory } = this.#block;
      let from = this.#frames.length;
      while (from > 0 && (this.#frames[from - 1]?.memory ?? 0) >= memory) from--;
      const base = this.#frames[from];
      if (base !== undefined && this.#retract(base, from, effort)) continue;
      const dropped =
        from === 0 ? [] : this.#frames.slice(from).flatMap(({ state, dropped }) => [state, ...dropped]);
      this.#frames.length = from;
      const choices = this.#choices(limit);
      this.#frames.push({
        memory,
        length: this.#path.length,
        state: this.#state.slice(),
        choices,
        next: 0,
        dropped,
      });
      return true;
    }
  }

  /** Moves to a state between `base` and the present one that is cheaper than the present one, if there is one. */
  #retract(base: Frame, from: number, effort: Effort): boolean {
    const moved = this.#path.slice(base.length);
    if (moved.length < 2) return false;
    const { ran, work } = settle(this.#block, moved, this.#forward);
    effort.spend(work);
    const stays = this.#forward ? 1 : 0;
    const kept = moved.filter((_, i) => ran[i] === stays);
    if (kept.length === moved.length) return false;
    this.#seen.remove(this.#state);
    for (const { state, dropped } of this.#frames.slice(from + 1)) {
      this.#seen.remove(state);
      for (const other of dropped) this.#seen.remove(other);
    }
    this.#frames.length = from + 1;
    this.#unwind(base.length);
    for (const o of kept) this.#move(o);
    return true;
  }

  /** The moves that fit, least growth first; a single one where it cannot be wrong. */
  #choices(limit: number): Int32Array {
    const found: { o: number; growth: number }[] = [];
    let free: { o: number; growth: number } | undefined;
    for (const o of this.#ready) {
      const growth = this.#growth(o);
      const peak = this.#block.memory + (this.#forward ? 0 : growth) + (this.#block.demand[o] ?? 0);
      if (peak > limit) {
        if (peak < this.#next) this.#next = peak;
        continue;
      }
      const choice = { o, growth };
      found.push(choice);
      if (growth <= (free?.growth ?? 0)) free = choice;
    }
    if (free !== undefined) return Int32Array.of(free.o);
    found.sort((a, b) => a.growth - b.growth || a.o - b.o);
    return Int32Array.from(found, ({ o }) => o);
  }

  /** What moving the operation adds to the memory. */
  #growth(o: number): number {
    const { inputs, outputs, consumers, left, held, size } = this.#block;
    let written = 0;
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      if (held[v] === 1 || (consumers.start[v + 1] ?? 0) > (consumers.start[v] ?? 0)) written += size[v] ?? 0;
    }
    const last = this.#forward ? 1 : 0;
    let freed = 0;
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      const v = inputs.items[k] ?? 0;
      if (left[v] === last && held[v] === 0) freed += size[v] ?? 0;
    }
    return this.#forward ? written - freed : freed - written;
  }

  #move(o: number): void {
    this.#drop(o);
    if (this.#forward) this.#block.advance(o);
    else this.#block.retreat(o);
    this.#neighbors(o, true);
    this.#path.push(o);
    this.#flip(o);
  }

  #unwind(length: number): void {
    while (this.#path.length > length) {
      const o = this.#path.pop() ?? 0;
      this.#neighbors(o, false);
      if (this.#forward) this.#block.retreat(o);
      else this.#block.advance(o);
      this.#add(o);
      this.#flip(o);
    }
  }

  /** Adds the operations that the move of `o` made ready, or drops them again. */
  #neighbors(o: number, add: boolean): void {
    const { inputs, outputs, consumers, producer, waits, followed } = this.#block;
    if (this.#forward) {
      for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
        const v = outputs.items[k] ?? 0;
        for (let j = consumers.start[v] ?? 0, last = consumers.start[v + 1] ?? 0; j < last; j++) {
          const c = consumers.items[j] ?? 0;
          if (waits[c] === 0) this.#toggle(c, add);
        }
      }
    } else {
      for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
        const p = producer[inputs.items[k] ?? 0] ?? -1;
        if (p >= 0 && followed[p] === 0) this.#toggle(p, add);
      }
    }
  }

  #toggle(o: number, add: boolean): void {
    if (add) this.#add(o);
    else this.#drop(o);
  }

  #add(o: number): void {
    if ((this.#place[o] ?? 0) >= 0) return;
    this.#place[o] = this.#ready.length;
    this.#ready.push(o);
  }

  #drop(o: number): void {
    const at = this.#place[o] ?? -1;
    if (at < 0) return;
    const last = this.#ready.pop() ?? 0;
    if (last !== o) {
      this.#ready[at] = last;
      this.#place[last] = at;
    }
    this.#place[o] = -1;
  }

  #flip(o: number): void {
    const word = o >> 5;
    this.#state[word] = (this.#state[word] ?? 0) ^ (1 << (o & 31));
  }
}
