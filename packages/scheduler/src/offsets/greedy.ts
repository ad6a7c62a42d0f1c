/** Places buffers one after the other, each in a gap between those already there. It refuses to choose the order. */

import { Gaps } from "./gaps.js";
import type { Packing } from "./packing.js";

export interface Placement {
  /** One per buffer of the packing. */
  readonly offsets: Float64Array;
  readonly height: number;
  /** Steps of work done. */
  readonly work: number;
}

/** Each buffer takes the smallest of the lowest `choices` gaps that hold it. */
export function placeInOrder(packing: Packing, order: Int32Array, choices: number): Placement {
  const { count, from, to, size, sections } = packing;
  const gaps = new Gaps(sections);
  const offsets = new Float64Array(count);
  let height = 0;
  for (let i = 0; i < order.length; i++) {
    const buffer = order[i] ?? 0;
    const first = from[buffer] ?? 0;
    const end = to[buffer] ?? 0;
    const bytes = size[buffer] ?? 0;
    const offset = gaps.find(first, end, bytes, choices);
    gaps.occupy(first, end, offset, offset + bytes);
    offsets[buffer] = offset;
    height = Math.max(height, offset + bytes);
  }
  return { offsets, height, work: gaps.work };
}
