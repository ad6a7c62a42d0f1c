/**
 * Offset assignment ("dynamic storage allocation") from checked input to result: greedy orders, repair, exhaustive
 * search, each only where the one before did not reach the target. It refuses to search where that cannot help.
 */

import { effortOf, narrow } from "./exact/narrow.js";
import type { Placement } from "./greedy.js";
import { placeInOrder } from "./greedy.js";
import { Meter } from "./meter.js";
import { orderOf } from "./orders.js";
import { type Packing, packingOf, partsOf, restrict } from "./packing.js";
import { Contest } from "./repair.js";
import type { OffsetsOptions, OffsetsResult } from "./types.js";
import { checkOptions } from "./validate.js";

/** Steps of work per second of `timeLimit`: what slower machines still do. */
const pace = 150_000_000;
/** Seconds, where no limit is given. */
const defaultTime = 2;
/** Rounds of repair before exhaustive search, and rounds without success after which repair ends. */
const rounds = { before: 2, idle: 8 } as const;

/**
 * Gives every buffer an offset such that buffers alive together do not overlap, as low as the budget allows.
 * Deterministic; synchronous. Throws MemoryInputError for input that is not what it must be, and the signal's reason.
 */
export function assignOffsets(options: OffsetsOptions): OffsetsResult {
  const sizes = checkOptions(options);
  const { buffers, timeLimit, signal, onProgress } = options;
  const kept: number[] = [];
  for (let i = 0; i < sizes.length; i++) if ((sizes[i] ?? 0) > 0) kept.push(i);
  const packing = packingOf(
    Float64Array.from(kept, (i) => buffers[i]?.lower ?? 0),
    Float64Array.from(kept, (i) => buffers[i]?.upper ?? 0),
    Float64Array.from(kept, (i) => sizes[i] ?? 0),
  );
  const meter = new Meter({
    limit: pace * (timeLimit ?? defaultTime),
    deadline: timeLimit === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeLimit * 1000,
    signal,
    onProgress,
  });
  const { unit, bound } = packing;
  const capacity = Math.floor(Math.min(options.capacity ?? 0, Number.MAX_SAFE_INTEGER) / unit) * unit;
  const { best, proven } = kept.length === 0 ? nothing : solve(packing, Math.max(bound, capacity), meter);
  const offsets = new Array<number>(buffers.length).fill(0);
  for (const [index, item] of kept.entries()) offsets[item] = best.offsets[index] ?? 0;
  return { offsets, height: best.height, lowerBound: bound, optimal: best.height <= proven };
}

const nothing = { best: { offsets: new Float64Array(0), height: 0, work: 0 }, proven: 0 } as const;

interface Solved {
  readonly best: Placement;
  /** No packing is lower than this. */
  readonly proven: number;
}

/** All parts in one greedy placement, then those that stand out of the target one by one. */
function solve(packing: Packing, target: number, meter: Meter): Solved {
  const parts = partsOf(packing);
  if (parts.length === 1) return improve(packing, target, meter);
  const first = placeInOrder(packing, orderOf(packing, "busiest"), 1);
  meter.spend(first.work);
  const { offsets } = first;
  const standing = parts
    .map((members) => ({ members, height: heightOf(packing, offsets, members) }))
    .sort((a, b) => b.height - a.height);
  let goal = target;
  let height = 0;
  let proven = packing.bound;
  for (const [index, part] of standing.entries()) {
    if (part.height <= goal) {
      height = Math.max(height, part.height);
      continue;
    }
    const open = standing.filter((other, at) => at >= index && other.height > goal).length;
    meter.ration(1 / open);
    const solved = improve(restrict(packing, part.members), goal, meter);
    for (const [at, member] of part.members.entries()) offsets[member] = solved.best.offsets[at] ?? 0;
    goal = Math.max(goal, solved.best.height);
    height = Math.max(height, solved.best.height);
    proven = Math.max(proven, solved.proven);
  }
  return { best: { offsets, height, work: 0 }, proven };
}

function heightOf({ size }: Packing, offsets: Float64Array, members: Int32Array): number {
  return members.reduce((top, member) => Math.max(top, (offsets[member] ?? 0) + (size[member] ?? 0)), 0);
}

/** One part: greedy orders and a little repair, exhaustive search if a single one is affordable, or more repair. */
function improve(packing: Packing, target: number, meter: Meter): Solved {
  const { bound } = packing;
  const contest = new Contest(packing, target, meter);
  meter.report("greedy", contest.best.height, bound);
  contest.widen();
  for (let i = 0; i < rounds.before && !contest.over; i++) contest.round();
  meter.report("repair", contest.best.height, bound);
  if (contest.over) return { best: contest.best, proven: bound };
  const effort = effortOf(packing);
  if (2 * effort < meter.left) return narrow(packing, contest.best, target, effort, meter);
  for (let idle = 0; idle < rounds.idle && !contest.over; idle++) {
    const { height } = contest.best;
    contest.round();
    if (contest.best.height < height) idle = 0;
    meter.report("repair", contest.best.height, bound);
  }
  return { best: contest.best, proven: bound };
}
