/** Which buffer a search decides about next. It refuses to decide where it goes. */

import type { State } from "./state.js";

/**
 * The section to decide about next. Scarce: the smallest share of members that might come first, which finds
 * contradictions early. Heavy: the largest load. Learnt: scarce and heavy, and where contradictions came from.
 */
export type Rule = "scarce" | "heavy" | "learnt";

/** What makes one search differ from the next. */
export interface Guide {
  readonly rule: Rule;
  /** Among buffers that may lie equally low, the one with the larger key goes first. */
  readonly key: Float64Array;
}

/** Less is sooner; 2 for what is forced and needs no decision. `options` and `members` are at least 2. */
const urgency = {
  scarce: (options, members) => (options - 1) / (members - 1),
  heavy: (_options, _members, load) => 1 / load,
  learnt: (options, members, load, conflicts) => options / (members * load * conflicts),
} as const satisfies Record<
  Rule,
  (options: number, members: number, load: number, conflicts: number) => number
>;

/** Sections looked at for one choice, at most. */
export const breadth = 1024;

/** A buffer below which nothing can come: from the most urgent section of [from, to), down to what may lie below those. */
export function choose(state: State, guide: Guide, from: number, to: number): number {
  let best = lowest(state, guide.key, mostUrgent(state, guide.rule, from, to));
  for (;;) {
    const lower = lowestAround(state, guide.key, best);
    if (lower === best) return best;
    best = lower;
  }
}

/**
 * Of a long part only the sections nearest to the fullest one of all: a search that works outward from there meets
 * contradictions close to the decisions that caused them, and need not look at everything each time.
 */
function mostUrgent(state: State, rule: Rule, from: number, to: number): number {
  const center = Math.min(Math.max(state.model.peak, from), to);
  const start = Math.max(from, Math.min(center - breadth / 2, to - breadth));
  return mostUrgentOf(state, rule, start, Math.min(to, start + breadth));
}

function mostUrgentOf(state: State, rule: Rule, from: number, to: number): number {
  const { options, open, conflicts, load } = state;
  const measure = urgency[rule];
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let s = from; s < to; s++) {
    const members = open[s] ?? 0;
    if (members === 0) continue;
    const count = (options[s] ?? 0) >> 1;
    const value = count > 1 ? measure(count, members, load[s] ?? 0, conflicts[s] ?? 0) : 2;
    if (value < least) {
      least = value;
      best = s;
    }
  }
  state.work += to - from;
  return best;
}

/** The member of a section that may lie lowest. */
function lowest({ model, members, open, release }: State, key: Float64Array, section: number): number {
  const start = model.sectionStart[section] ?? 0;
  const stop = start + (open[section] ?? 0);
  let best = members[start] ?? 0;
  for (let at = start + 1; at < stop; at++) {
    const buffer = members[at] ?? 0;
    const difference = (release[buffer] ?? 0) - (release[best] ?? 0);
    if (difference < 0 || (difference === 0 && (key[buffer] ?? 0) > (key[best] ?? 0))) best = buffer;
  }
  return best;
}

/** The buffer alive with this one that may lie lowest, if it may lie lower. */
function lowestAround(state: State, key: Float64Array, buffer: number): number {
  const { model, release, placed } = state;
  const first = model.from[buffer] ?? 0;
  const begin = lowest(state, key, first);
  let best = (release[begin] ?? 0) < (release[buffer] ?? 0) ? begin : buffer;
  const later = model.firstFrom[model.to[buffer] ?? 0] ?? 0;
  const start = model.firstFrom[first + 1] ?? 0;
  for (let other = start; other < later; other++) {
    if (placed[other] === 1) continue;
    const difference = (release[other] ?? 0) - (release[best] ?? 0);
    if (difference < 0 || (difference === 0 && best !== buffer && (key[other] ?? 0) > (key[best] ?? 0)))
      best = other;
  }
  state.work += later - start + (state.open[first] ?? 0);
  return best;
}
