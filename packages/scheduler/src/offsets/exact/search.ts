/**
 * Depth-first search for a packing under a capacity. It decides whether some buffer lies at the lowest offset left to
 * it, infers what follows, and takes the decision back where that is a contradiction, in the manner of
 *
 *   M. D. Moffitt, "MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated Machine Learning", ASPLOS 2023
 *
 * whose canonical packings (nothing can sink), sections and decomposition into independent parts it shares. It differs
 * in deciding yes or no about one buffer in the tightest section, wherever that is, and in `infer`. It refuses to
 * restart: see restarts.ts.
 */

import { choose, type Guide } from "./choose.js";
import { infer } from "./infer.js";
import type { State } from "./state.js";

/** Found: the releases are the offsets. Impossible: proven that nothing fits. Unknown: given up. */
export type Outcome = "found" | "impossible" | "unknown";

export interface Limits {
  /** Contradictions to give up after. */
  readonly contradictions: number;
  /** Spends work done; false to give up. */
  readonly spend: (steps: number) => boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Parts of the packing still to be solved, independent of each other. */
interface Agenda extends Range {
  /** The decision that made it a part of its own: the one to take back if it has no solution. */
  readonly owner: number;
  readonly rest: Agenda | undefined;
}

interface Decision {
  readonly buffer: number;
  readonly part: Agenda;
  /** What to take back if both answers fail. */
  readonly parent: number;
  readonly mark: number;
  readonly refusals: number;
  refused: boolean;
}

/** Searches on from a state in which everything is inferred and nothing decided, and leaves it so unless it finds. */
export function search(state: State, guide: Guide, { contradictions, spend }: Limits): Outcome {
  const root = state.mark;
  const stack: Decision[] = [];
  const { from, to, sections } = state.model;
  let part = split(state, { from: 0, to: sections }, 0, sections - 1, -1);
  let parent = -1;
  let left = contradictions;
  while (part !== undefined) {
    const working = spend(state.work);
    state.work = 0;
    if (left <= 0 || !working) {
      rewind(state, root, 0);
      return "unknown";
    }
    const buffer = choose(state, guide, part.from, part.to);
    const refusals = state.refusals.length;
    stack.push({ buffer, part, parent, mark: state.mark, refusals, refused: false });
    state.place(buffer);
    if (infer(state)) {
      part = split(state, part, from[buffer] ?? 0, (to[buffer] ?? 0) - 1, stack.length - 1, part.rest);
      parent = part?.owner ?? -1;
      continue;
    }
    left--;
    const back = backtrack(state, stack);
    if (back === undefined) {
      rewind(state, root, 0);
      return "impossible";
    }
    part = back.part;
    parent = stack.length - 1;
  }
  return "found";
}

/** Takes back decisions until one of them can be answered with no instead. */
function backtrack(state: State, stack: Decision[]): Decision | undefined {
  let at = stack.length - 1;
  for (;;) {
    const decision = stack[at];
    if (decision === undefined) return undefined;
    stack.length = at + 1;
    rewind(state, decision.mark, decision.refusals);
    if (!decision.refused) {
      decision.refused = true;
      state.refuse(decision.buffer);
      if (infer(state)) return decision;
    }
    at = decision.parent;
  }
}

function rewind(state: State, mark: number, refusals: number): void {
  state.undo(mark);
  state.refusals.length = refusals;
}

/**
 * Puts what is unplaced in sections [from, to) in front of the agenda, in as many parts as no buffer connects. Only
 * the ends of sections [first, last) may have lost their last connection.
 */
function split(
  state: State,
  range: Range,
  first: number,
  last: number,
  owner: number,
  rest?: Agenda,
): Agenda | undefined {
  const { open, crossing } = state;
  let agenda = rest;
  let from = range.from;
  for (let s = first; s <= last; s++) {
    if (s < last && (crossing[s] ?? 0) > 0) continue;
    const to = s < last ? s + 1 : range.to;
    // Sections that a buffer connects are not empty, so that one that is stands alone.
    if ((open[from] ?? 0) > 0) agenda = { from, to, owner, rest: agenda };
    from = to;
  }
  return agenda;
}
