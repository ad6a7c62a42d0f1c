/** Places buffers one after the other, each in a gap between those already there. It refuses to choose the order. */

import { Gaps } from "./gaps.js";
import type { Packing } from "./packing.js";

export interface Placement {
  /** One per buffer of the packing. */
  readonly offsets: Float64Array;
  readonly height: number;
}

/** One step of placing takes as long as this many of the exhaustive search, which the budget counts. */
const weight = 4;
/** Steps that placing one buffer takes beside those the gaps count. */
const overhead = 60;

/** Buffers placed between two looks at the budget. */
const batch = 256;

/**
 * Each buffer in `order` takes the smallest of the lowest `choices` gaps that hold it; those of `fixed` keep the
 * offsets given. Undefined where `spend`, which is told the work done, says that it has become too much.
 */
export function placeInOrder(
  packing: Packing,
  order: Int32Array,
  choices: number,
  spend: (steps: number) => boolean,
  fixed?: { readonly buffers: Int32Array; readonly offsets: Float64Array },
): Placement | undefined {
  const { count, from, to, size, sections } = packing;
  const gaps = new Gaps(sections);
  const offsets = new Float64Array(count);
  let height = 0;
  const put = (buffer: number, offset: number): void => {
    const end = offset + (size[buffer] ?? 0);
    gaps.occupy(from[buffer] ?? 0, to[buffer] ?? 0, offset, end);
    offsets[buffer] = offset;
    height = Math.max(height, end);
  };
  if (fixed !== undefined) for (const buffer of fixed.buffers) put(buffer, fixed.offsets[buffer] ?? 0);
  let told = 0;
  for (let start = 0; start < order.length; start += batch) {
    const stop = Math.min(start + batch, order.length);
    for (let i = start; i < stop; i++) {
      const buffer = order[i] ?? 0;
      put(buffer, gaps.find(from[buffer] ?? 0, to[buffer] ?? 0, size[buffer] ?? 0, choices));
    }
    const work = (gaps.work + stop * overhead) * weight;
    if (!spend(work - told) && stop < order.length) return undefined;
    told = work;
  }
  return { offsets, height };
}
