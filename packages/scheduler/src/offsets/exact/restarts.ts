/**
 * Searches under one capacity from ever new starts: how long a search takes varies by orders of magnitude with the
 * order it looks at buffers in, so many short ones with different orders find a packing sooner than one long one.
 * It refuses to choose the capacity.
 */

import type { Guide, Rule } from "./choose.js";
import { infer } from "./infer.js";
import type { Model } from "./model.js";
import { randomOf } from "./random.js";
import { type Outcome, search } from "./search.js";
import type { State } from "./state.js";

type Key = "sections" | "length" | "size";

/** Taken in turn: no pair finds packings of all kinds. */
const turns: readonly (readonly [Rule, Key])[] = [
  ["learnt", "sections"],
  ["scarce", "size"],
  ["heavy", "length"],
  ["learnt", "size"],
  ["scarce", "length"],
  ["heavy", "sections"],
  ["scarce", "sections"],
  ["heavy", "size"],
  ["learnt", "length"],
];

/** How much random numbers change a key: enough to reorder what is about equal. */
const noise = 0.3;

/** Contradictions a short start meets before it is given up: few are met on the way to a packing. */
function patience({ count }: Model): number {
  return 200 + Math.min(count, 2000);
}

export interface Attempt {
  readonly capacity: number;
  /** Number of the first start: other numbers, other orders. */
  readonly first: number;
  /** Spends work done; false to give up. */
  readonly spend: (steps: number) => boolean;
}

/** Found: the state's releases are the offsets. `last` is the number of the start after the last one made. */
export function searchUnder(
  state: State,
  { capacity, first, spend }: Attempt,
): { outcome: Outcome; last: number } {
  const { model } = state;
  state.reset(capacity);
  if (!infer(state)) return { outcome: "impossible", last: first };
  if (!spend(state.work)) return { outcome: "unknown", last: first };
  state.work = 0;
  const keys = { sections: sectionsOf(model), length: model.length, size: model.size };
  for (let start = first; ; start++) {
    state.forget();
    const contradictions = patience(model) * luby(start + 1);
    const outcome = search(state, guideOf(start, keys), { contradictions, spend });
    if (outcome !== "unknown") return { outcome, last: start + 1 };
    if (!spend(0)) return { outcome, last: start + 1 };
  }
}

function guideOf(start: number, keys: Readonly<Record<Key, Float64Array>>): Guide {
  const random = randomOf(start);
  const [rule, key] = turns[start % turns.length] ?? ["learnt", "sections"];
  return { rule, key: keys[key].map((value) => value * (1 + noise * (random() - 0.5))) };
}

function sectionsOf({ count, from, to }: Model): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (to[i] ?? 0) - (from[i] ?? 0));
}

/** 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 ...: M. Luby, A. Sinclair, D. Zuckerman, "Optimal speedup of Las Vegas algorithms", 1993. */
function luby(index: number): number {
  let rest = index;
  for (;;) {
    const bits = 32 - Math.clz32(rest);
    if (rest === 2 ** bits - 1) return 2 ** (bits - 1);
    rest -= 2 ** (bits - 1) - 1;
  }
}
