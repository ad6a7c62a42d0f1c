/** Offset assignment ("dynamic storage allocation") from checked input to result. It refuses to know how to solve it. */

import { Meter } from "./meter.js";
import { packingOf } from "./packing.js";
import { solve } from "./solve.js";
import type { OffsetsOptions, OffsetsResult } from "./types.js";
import { checkOptions } from "./validate.js";

/**
 * Gives every buffer an offset such that buffers alive together do not overlap, as low as the budget allows.
 * Deterministic; synchronous. Throws MemoryInputError for input that is not what it must be, and the signal's reason.
 */
export function assignOffsets(options: OffsetsOptions): OffsetsResult {
  const sizes = checkOptions(options);
  return assignChecked(options, sizes, Meter.of(options));
}

/** The same with sizes that are multiples of the alignment, searching as long as the meter allows. */
export function assignChecked(
  { buffers, capacity: enough = 0 }: Pick<OffsetsOptions, "buffers" | "capacity">,
  sizes: Float64Array,
  meter: Meter,
): OffsetsResult {
  const kept: number[] = [];
  for (let i = 0; i < sizes.length; i++) if ((sizes[i] ?? 0) > 0) kept.push(i);
  const offsets = new Array<number>(buffers.length).fill(0);
  if (kept.length === 0) return { offsets, height: 0, lowerBound: 0, optimal: true };
  const packing = packingOf(
    Float64Array.from(kept, (i) => buffers[i]?.lower ?? 0),
    Float64Array.from(kept, (i) => buffers[i]?.upper ?? 0),
    Float64Array.from(kept, (i) => sizes[i] ?? 0),
  );
  const { unit, bound } = packing;
  const capacity = Math.floor(Math.min(enough, Number.MAX_SAFE_INTEGER) / unit) * unit;
  const { best, proven } = solve(packing, Math.max(bound, capacity), meter);
  for (const [index, item] of kept.entries()) offsets[item] = best.offsets[index] ?? 0;
  return { offsets, height: best.height, lowerBound: bound, optimal: best.height <= proven };
}
