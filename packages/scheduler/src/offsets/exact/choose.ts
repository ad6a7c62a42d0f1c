/** Which buffer a search decides about next. It refuses to decide where it goes. */

import type { State } from "./state.js";

/** What makes one search differ from the next. */
export interface Guide {
  /** Among buffers that may lie equally low, the one with the larger key goes first. */
  readonly key: Float64Array;
  /** Prefer sections where contradictions came from, of those that hold much, to those with the fewest options. */
  readonly learns: boolean;
}

/**
 * A buffer below which nothing can come: from the section of [from, to) with the smallest share of options, down to
 * what may lie below those. Fewest options first is what finds contradictions early.
 */
export function choose(state: State, guide: Guide, from: number, to: number): number {
  let best = lowest(state, guide.key, section(state, guide, from, to));
  for (;;) {
    const lower = lowestAround(state, guide.key, best);
    if (lower === best) return best;
    best = lower;
  }
}

function section({ options, open, conflicts, load }: State, guide: Guide, from: number, to: number): number {
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let s = from; s < to; s++) {
    const members = open[s] ?? 0;
    if (members === 0) continue;
    const count = (options[s] ?? 0) >> 1;
    let share = 2; // What is forced needs no decision: any real one goes before.
    if (count > 1) {
      share = guide.learns
        ? count / (members * (conflicts[s] ?? 1) * (load[s] ?? 1))
        : (count - 1) / (members - 1);
    }
    if (share < least) {
      least = share;
      best = s;
    }
  }
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
