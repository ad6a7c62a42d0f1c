/**
 * What follows from a state without a choice. The unplaced members of a section must stack up between the lowest
 * release and the capacity, so whichever lies lowest starts within the room that all of them leave; everyone else lies
 * above some buffer that can. It refuses to guess.
 */

import type { State } from "./state.js";

/** Raises releases until nothing more follows; false where that leads to a contradiction. */
export function infer(state: State): boolean {
  for (;;) {
    for (let section = state.next(); section >= 0; section = state.next()) {
      if (!inferSection(state, section)) return state.contradict(section);
    }
    const outcome = inferRefused(state);
    if (outcome === "settled") return true;
    if (outcome === "contradiction") return false;
  }
}

/** The rule of the first: again for the rest where only one buffer can be first. */
function inferSection(state: State, section: number): boolean {
  const { model, release, members, capacity, horizon } = state;
  const { size } = model;
  const start = model.sectionStart[section] ?? 0;
  const open = state.open[section] ?? 0;
  const stop = start + open;
  if (open === 0) return true;
  let rest = state.load[section] ?? 0;
  let below = -1;
  let left = open;
  let options = 0;
  let tight = 0;
  for (;;) {
    const room = capacity - rest;
    let count = 0;
    let first = -1;
    let end = Number.POSITIVE_INFINITY;
    for (let at = start; at < stop; at++) {
      const buffer = members[at] ?? 0;
      const offset = release[buffer] ?? 0;
      if (offset <= below || offset > room) continue;
      count++;
      const top = offset + (size[buffer] ?? 0);
      if (top < end) {
        end = top;
        first = buffer;
      }
    }
    state.work += open;
    if (count === 0) return false;
    if (left === open) options = count;
    horizon[section] = room;
    if (count === left) break;
    if (end > room) {
      tight = 1;
      state.work += open;
      for (let at = start; at < stop; at++) {
        const buffer = members[at] ?? 0;
        const offset = release[buffer] ?? 0;
        if (offset > room && offset < end) state.raise(buffer, end);
      }
    }
    if (count > 1) break;
    tight = 1;
    rest -= size[first] ?? 0;
    below = release[first] ?? 0;
    left--;
  }
  state.setOptions(section, options * 2 + tight);
  return true;
}

/**
 * In a packing that no single buffer can sink in, a buffer above its release has another one in the way: one that is
 * still unplaced and may start below where the refused buffer would have ended. The refused one lies above it.
 */
function inferRefused(state: State): "settled" | "raised" | "contradiction" {
  const { model, release, placed, refused, witness, refusals } = state;
  const { size } = model;
  let outcome: "settled" | "raised" = "settled";
  state.work += refusals.length;
  for (let i = 0; i < refusals.length; i++) {
    const buffer = refusals[i] ?? 0;
    const limit = refused[buffer] ?? 0;
    if (limit < 0 || placed[buffer] === 1) continue;
    const offset = release[buffer] ?? 0;
    const known = witness[buffer] ?? -1;
    if (known >= 0 && placed[known] === 0) {
      const low = release[known] ?? 0;
      if (low < limit && low + (size[known] ?? 0) <= offset) continue;
    }
    const blocker = lowestBlocker(state, buffer, limit);
    if (blocker < 0) {
      while (state.next() >= 0);
      return "contradiction";
    }
    witness[buffer] = blocker;
    const end = (release[blocker] ?? 0) + (size[blocker] ?? 0);
    if (end > offset) {
      state.raise(buffer, end);
      outcome = "raised";
    }
  }
  return outcome;
}

/** The unplaced buffer alive with this one that may start below `limit` and then ends first, or -1. */
function lowestBlocker(state: State, buffer: number, limit: number): number {
  const { model, release, members, placed } = state;
  const { size, sectionStart, firstFrom } = model;
  const first = model.from[buffer] ?? 0;
  const begin = sectionStart[first] ?? 0;
  const stop = begin + (state.open[first] ?? 0);
  let blocker = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let at = begin; at < stop; at++) {
    const other = members[at] ?? 0;
    const offset = release[other] ?? 0;
    if (offset >= limit || other === buffer) continue;
    const end = offset + (size[other] ?? 0);
    if (end < lowest) {
      lowest = end;
      blocker = other;
    }
  }
  const later = firstFrom[model.to[buffer] ?? 0] ?? 0;
  for (let other = firstFrom[first + 1] ?? 0; other < later; other++) {
    const offset = release[other] ?? 0;
    if (placed[other] === 1 || offset >= limit) continue;
    const end = offset + (size[other] ?? 0);
    if (end < lowest) {
      lowest = end;
      blocker = other;
    }
  }
  state.work += stop - begin + later - (firstFrom[first + 1] ?? 0);
  return blocker;
}
