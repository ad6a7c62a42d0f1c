/** What an exhaustive search reads about a packing and never changes. It refuses to hold the state of a search. */

import type { Packing } from "../packing.js";

/** Buffers are renumbered by first section, so that those that begin in a range of sections are neighbors. */
export interface Model {
  readonly count: number;
  readonly sections: number;
  /** The packing's index of each buffer. */
  readonly origin: Int32Array;
  readonly size: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly length: Float64Array;
  readonly load: Float64Array;
  /** A section of the largest load. */
  readonly peak: number;
  /** Lowest buffer that begins in each section or later. */
  readonly firstFrom: Int32Array;
  /** Where each section's members begin in `members`. */
  readonly sectionStart: Int32Array;
  readonly members: Int32Array;
  /** Where each buffer's places in `members` begin in `places`, one a section, minus its first section. */
  readonly placeBase: Int32Array;
  readonly places: Int32Array;
  /** How many buffers live on from each section into the next. */
  readonly crossing: Int32Array;
  /** The next buffer with the same sections and size, or -1: of such twins the first lies lowest. */
  readonly twin: Int32Array;
}

/** Sum over all buffers of the sections they live in: what a model's memory and a step of its search grow with. */
export function membershipsOf({ count, from, to }: Packing): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (to[i] ?? 0) - (from[i] ?? 0);
  return sum;
}

export function modelOf(packing: Packing): Model {
  const { count, sections, load, bound } = packing;
  const origin = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) =>
      (packing.from[a] ?? 0) - (packing.from[b] ?? 0) ||
      (packing.to[a] ?? 0) - (packing.to[b] ?? 0) ||
      (packing.size[b] ?? 0) - (packing.size[a] ?? 0) ||
      a - b,
  );
  const size = Float64Array.from(origin, (i) => packing.size[i] ?? 0);
  const from = Int32Array.from(origin, (i) => packing.from[i] ?? 0);
  const to = Int32Array.from(origin, (i) => packing.to[i] ?? 0);
  const length = Float64Array.from(origin, (i) => packing.length[i] ?? 0);
  const firstFrom = new Int32Array(sections + 1).fill(count);
  const twin = new Int32Array(count).fill(-1);
  for (let i = count - 1; i >= 0; i--) {
    firstFrom[from[i] ?? 0] = i;
    if (i > 0 && from[i] === from[i - 1] && to[i] === to[i - 1] && size[i] === size[i - 1]) twin[i - 1] = i;
  }
  for (let s = sections - 1; s >= 0; s--) firstFrom[s] = Math.min(firstFrom[s] ?? 0, firstFrom[s + 1] ?? 0);
  return {
    count,
    sections,
    origin,
    size,
    from,
    to,
    length,
    load,
    peak: load.indexOf(bound),
    firstFrom,
    twin,
    ...membership(from, to, sections),
  };
}

function membership(
  from: Int32Array,
  to: Int32Array,
  sections: number,
): Pick<Model, "sectionStart" | "members" | "placeBase" | "places" | "crossing"> {
  const count = from.length;
  const sectionStart = new Int32Array(sections + 1);
  const crossing = new Int32Array(sections);
  const placeBase = new Int32Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const first = from[i] ?? 0;
    const end = to[i] ?? 0;
    placeBase[i] = total - first;
    total += end - first;
    for (let s = first; s < end; s++) {
      sectionStart[s + 1] = (sectionStart[s + 1] ?? 0) + 1;
      if (s + 1 < end) crossing[s] = (crossing[s] ?? 0) + 1;
    }
  }
  for (let s = 0; s < sections; s++)
    sectionStart[s + 1] = (sectionStart[s + 1] ?? 0) + (sectionStart[s] ?? 0);
  const members = new Int32Array(total);
  const places = new Int32Array(total);
  const filled = sectionStart.slice();
  for (let i = 0; i < count; i++) {
    for (let s = from[i] ?? 0; s < (to[i] ?? 0); s++) {
      const place = filled[s] ?? 0;
      filled[s] = place + 1;
      members[place] = i;
      places[(placeBase[i] ?? 0) + s] = place;
    }
  }
  return { sectionStart, members, placeBase, places, crossing };
}
