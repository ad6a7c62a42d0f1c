/**
 * Looks for the least capacity that some packing fits under, by exhaustive searches between what is proven impossible
 * and what has been found. It refuses to take longer than its meter allows.
 */

import type { Placement } from "../greedy.js";
import type { Meter } from "../meter.js";
import type { Packing } from "../packing.js";
import { breadth } from "./choose.js";
import { modelOf } from "./model.js";
import { searchUnder } from "./restarts.js";
import type { Outcome } from "./search.js";
import { State } from "./state.js";

/** A height this share of the bound above what is ruled out is only lowered by reaching the target itself. */
const grain = 1 / 2048;
/** A first attempt gets this share of the budget at least, or what some searches take where that is little enough. */
const portion = { least: 1 / 32, most: 1 / 4, searches: 3, one: 1.5 } as const;

/** Steps of work that one search without many contradictions takes, about. */
export function effortOf({ count, from, to, sections }: Packing): number {
  const change = new Int32Array(sections + 1);
  for (let i = 0; i < count; i++) {
    const first = from[i] ?? 0;
    const end = to[i] ?? 0;
    change[first] = (change[first] ?? 0) + 1;
    change[end] = (change[end] ?? 0) - 1;
  }
  let scans = 0;
  for (let s = 0, members = 0; s < sections; s++) {
    members += change[s] ?? 0;
    scans += members * members;
  }
  return 1.3 * scans + count * (100 + Math.min(sections, breadth) / 2);
}

/** Searches of one packing for a height at or above a target. */
export class Narrowing {
  readonly #packing: Packing;
  readonly #target: number;
  readonly #meter: Meter;
  readonly #state: State;
  #slice: number;
  #starts = 0;
  #best: Placement | undefined;
  #proven: number;

  constructor(packing: Packing, target: number, meter: Meter) {
    this.#packing = packing;
    this.#target = Math.max(packing.bound, Math.floor(target / packing.unit) * packing.unit);
    this.#meter = meter;
    this.#state = new State(modelOf(packing));
    const { least, most, searches, one } = portion;
    const effort = effortOf(packing);
    const some = Math.min(searches * effort, Math.max(most * meter.left, one * effort));
    this.#slice = Math.max(least * meter.left, some);
    this.#proven = packing.bound;
  }

  /** The lowest placement found here. */
  get best(): Placement | undefined {
    return this.#best;
  }

  /** No packing is lower than this. */
  get proven(): number {
    return this.#proven;
  }

  /** One attempt at the target itself. */
  aim(): void {
    this.#attempt(Math.max(this.#target, this.#proven));
  }

  /** Lowers a height that has been reached, to the target if possible, and proves it the least if possible. */
  lower(height: number): void {
    const { unit, bound } = this.#packing;
    const step = Math.max(1, Math.floor((bound * grain) / unit)) * unit;
    let top = Math.min(height, this.#best?.height ?? height);
    const least = (): number => Math.max(this.#target, this.#proven);
    for (; top > least() && !this.#meter.exhausted; this.#slice *= 2) {
      let low = least();
      let capacity = low;
      do {
        const outcome = this.#attempt(capacity);
        if (outcome === "found") top = Math.min(top, this.#best?.height ?? top);
        else low = capacity + unit;
        this.#meter.report("search", top, this.#proven);
        capacity = low + Math.floor((top - low) / 2 / unit) * unit;
      } while (top - low >= step && top > least() && !this.#meter.exhausted);
    }
  }

  #attempt(capacity: number): Outcome {
    let rest = this.#slice;
    const spend = (steps: number): boolean => {
      rest -= steps;
      return this.#meter.spend(steps) && rest > 0;
    };
    const { outcome, last } = searchUnder(this.#state, { capacity, first: this.#starts, spend });
    this.#starts = last;
    if (outcome === "found") this.#best = placementOf(this.#state);
    if (outcome === "impossible") this.#proven = Math.max(this.#proven, capacity + this.#packing.unit);
    return outcome;
  }
}

function placementOf({ model, release }: State): Placement {
  const offsets = new Float64Array(model.count);
  let height = 0;
  for (let i = 0; i < model.count; i++) {
    const offset = release[i] ?? 0;
    offsets[model.origin[i] ?? 0] = offset;
    height = Math.max(height, offset + (model.size[i] ?? 0));
  }
  return { offsets, height };
}
