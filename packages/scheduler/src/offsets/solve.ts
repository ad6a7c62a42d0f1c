/**
 * Greedy orders, repair, exhaustive search: each only where the one before did not reach the target. It refuses to
 * search where that cannot lower the whole.
 */

import { aroundCore, hottest } from "./core.js";
import { effortOf, Narrowing } from "./exact/narrow.js";
import { type Placement, placeInOrder } from "./greedy.js";
import type { Meter } from "./meter.js";
import { orderOf } from "./orders.js";
import { type Packing, partsOf, restrict } from "./packing.js";
import { Contest } from "./repair.js";
import { sweep } from "./sweep.js";

/** Rounds of repair before exhaustive search, and rounds without success after which repair ends. */
const rounds = { early: 2, before: 2, idle: 8 } as const;

/** Buffers above which a core is tried before the whole is searched. */
const large = 20_000;
/** How many targets are tried for cores, and what gap, as a share of the bound, is not worth it. */
const cores = { tries: 5, gap: 0.002 } as const;

export interface Solved {
  readonly best: Placement;
  /** No packing is lower than this. */
  readonly proven: number;
}

type Improve = (packing: Packing, target: number, meter: Meter) => Solved;

/** The lowest packing found; nothing below `target`, a multiple of the packing's unit, is looked for. */
export function solve(packing: Packing, target: number, meter: Meter): Solved {
  return solveParts(packing, target, meter, improveWhole);
}

/** All parts in one greedy placement, then those that stand out of the target one by one. */
function solveParts(packing: Packing, target: number, meter: Meter, improve: Improve): Solved {
  const parts = partsOf(packing);
  if (parts.length === 1) return improve(packing, target, meter);
  const order = orderOf(packing, "busiest");
  const { offsets } = placeInOrder(packing, order, 1, (steps) => meter.spend(steps)) ?? sweep(packing);
  const heights = parts.map((members) => heightOf(packing, offsets, members));
  const ranked = [...parts.keys()].sort((a, b) => (heights[b] ?? 0) - (heights[a] ?? 0));
  const topOf = (rank: number): number => heights[ranked[rank] ?? 0] ?? 0;
  let goal = target;
  let proven = packing.bound;
  let open = ranked.length;
  for (let rank = 0; rank < open; rank++) {
    while (open > rank && topOf(open - 1) <= goal) open--;
    if (rank === open) break;
    const members = parts[ranked[rank] ?? 0] ?? new Int32Array(0);
    const share = open - rank === 1 ? meter : meter.part(1 / (open - rank));
    const solved = improve(restrict(packing, members), goal, share);
    proven = Math.max(proven, solved.proven);
    if (solved.best.height < topOf(rank)) {
      for (const [at, member] of members.entries()) offsets[member] = solved.best.offsets[at] ?? 0;
    }
    goal = Math.max(goal, Math.min(topOf(rank), solved.best.height));
  }
  const height = parts.reduce((top, members) => Math.max(top, heightOf(packing, offsets, members)), 0);
  return { best: { offsets, height }, proven };
}

function heightOf({ size }: Packing, offsets: Float64Array, members: Int32Array): number {
  return members.reduce((top, member) => Math.max(top, (offsets[member] ?? 0) + (size[member] ?? 0)), 0);
}

function improveWhole(packing: Packing, target: number, meter: Meter): Solved {
  const contest = new Contest(packing, target, meter);
  meter.report("greedy", contest.best.height, packing.bound);
  if (contest.over) return { best: contest.best, proven: packing.bound };
  const best =
    packing.count > large || !searchable(packing, meter)
      ? aroundCores(packing, contest.best, target, meter)
      : contest.best;
  if (best.height <= target) return { best, proven: packing.bound };
  const solved = improveFurther(packing, contest, target, meter);
  return { ...solved, best: lowerOf(solved.best, best) };
}

/** Packs around cores under targets between the one wanted and the height reached. */
function aroundCores(packing: Packing, first: Placement, target: number, meter: Meter): Placement {
  let best = first;
  let goal = target;
  let low = target;
  const hot = hottest(packing, meter);
  if (hot === undefined) return first;
  for (let i = 0; i < cores.tries && best.height - low > cores.gap * packing.bound; i++) {
    const found = aroundCore(packing, hot, goal, packCore, meter);
    if (found === undefined || found.height > goal) low = goal;
    best = lowerOf(best, found);
    if (best.height <= target) break;
    goal = low + Math.floor((best.height - low) / 2 / packing.unit) * packing.unit;
    meter.report("repair", best.height, packing.bound);
  }
  return best;
}

function packCore(core: Packing, target: number, meter: Meter): Placement {
  return solveParts(core, target, meter, (part, goal, share) =>
    improveFurther(part, new Contest(part, goal, share), goal, share),
  ).best;
}

/** A little repair, exhaustive search if that is affordable, more repair. */
function improveFurther(packing: Packing, contest: Contest, target: number, meter: Meter): Solved {
  const { bound } = packing;
  for (let i = 0; i < rounds.early && !contest.over; i++) contest.round();
  if (contest.over) return { best: contest.best, proven: bound };
  const narrowing = searchable(packing, meter) ? new Narrowing(packing, target, meter) : undefined;
  narrowing?.aim();
  if (narrowing?.best !== undefined) return { best: narrowing.best, proven: narrowing.proven };
  if (narrowing !== undefined && contest.best.height <= narrowing.proven) {
    return { best: contest.best, proven: narrowing.proven };
  }
  contest.widen();
  for (let i = 0; i < rounds.before && !contest.over; i++) contest.round();
  meter.report("repair", contest.best.height, bound);
  if (narrowing === undefined) {
    persist(packing, contest, meter);
    return { best: contest.best, proven: bound };
  }
  narrowing.lower(contest.best.height);
  return { best: lowerOf(contest.best, narrowing.best), proven: narrowing.proven };
}

/** Repairs until nothing has improved for some time. */
function persist({ bound }: Packing, contest: Contest, meter: Meter): void {
  for (let idle = 0; idle < rounds.idle && !contest.over; idle++) {
    const { height } = contest.best;
    contest.round();
    if (contest.best.height < height) idle = 0;
    meter.report("repair", contest.best.height, bound);
  }
}

function lowerOf(a: Placement, b: Placement | undefined): Placement {
  return b !== undefined && b.height < a.height ? b : a;
}

/** Whether the budget is enough for a search through the whole packing. */
function searchable(packing: Packing, meter: Meter): boolean {
  return 1.5 * effortOf(packing) < meter.left;
}
