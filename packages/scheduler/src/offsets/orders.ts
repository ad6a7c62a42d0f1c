/** The orders in which greedy placement is tried. It refuses to place anything. */

import type { Packing } from "./packing.js";

export type OrderName = "busiest" | "busiestLongest" | "largest" | "longest" | "earliest";

/** Ties go to the earlier, then to the lower index: every order is total, so that plans are reproducible. */
export function orderOf(packing: Packing, name: OrderName): Int32Array {
  const { count, size, from, to, length } = packing;
  const keys = {
    busiest: () => [peaksOf(packing), size],
    busiestLongest: () => [peaksOf(packing), length, size],
    largest: () => [size, length],
    longest: () => [length, size],
    earliest: () => [from.map((section) => -section), to, size],
  } satisfies Record<OrderName, () => readonly (Float64Array | Int32Array)[]>;
  return descending(count, keys[name](), from);
}

/** The largest load during each buffer's life. */
function peaksOf({ count, from, to, sections, load }: Packing): Float64Array {
  const levels = [load];
  for (let width = 1; width * 2 <= sections; width *= 2) {
    const below = levels.at(-1) ?? load;
    const level = new Float64Array(sections - width * 2 + 1);
    for (let s = 0; s < level.length; s++) level[s] = Math.max(below[s] ?? 0, below[s + width] ?? 0);
    levels.push(level);
  }
  const peaks = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const first = from[i] ?? 0;
    const end = to[i] ?? 0;
    const power = 31 - Math.clz32(end - first);
    const level = levels[power];
    peaks[i] = Math.max(level?.[first] ?? 0, level?.[end - (1 << power)] ?? 0);
  }
  return peaks;
}

function descending(
  count: number,
  keys: readonly (Float64Array | Int32Array)[],
  from: Int32Array,
): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order.sort((a, b) => {
    for (const key of keys) {
      const difference = (key[b] ?? 0) - (key[a] ?? 0);
      if (difference !== 0) return difference;
    }
    return (from[a] ?? 0) - (from[b] ?? 0) || a - b;
  });
}
