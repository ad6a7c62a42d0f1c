/**
 * A stage that stores what has accumulated so far, in blocks: each is scanned from nothing, and what came before it is combined
 * with every result. So the error of sums grows with the length of a block and the number of blocks, not with their product.
 */

import type { Scope } from "../wgsl/scope.js";
import type { Body } from "./body.js";
import type { Gathering } from "./gather.js";
import { unflatten } from "./unflatten.js";

/** Points of a stage, counted row-major. */
export interface Run {
  readonly axes: readonly { readonly axis: number; readonly extent: number }[];
  readonly total: number;
  /** The first point of this thread's part, and how many there are at most. */
  readonly start: string;
  readonly chunk: number;
}

/** Points of a block that one thread scans. */
const block = 64;
/** Neighbors that a lane takes in a block that lanes share. */
export const run = 8;

/** One thread scans all points. Leaves in the accumulators `a` what all of them gave. */
export function scanAlone(around: Scope, body: Body, points: Run): void {
  const end = around.bind(endOf(points));
  body.declare(around, "carried");
  const blocks = around.inner();
  scanRun(blocks, body, points, `min(s + ${block}i, ${end})`);
  body.join(blocks, "carried", "carried", "b");
  around.nest(`for (var s = ${points.start}; s < ${end}; s += ${block}i)`, blocks);
  body.copy(around, "a", "carried");
}

/** All lanes of a point scan runs of a block. Leaves in the accumulators `a` of every lane what all points gave. */
export function scanTogether(
  around: Scope,
  body: Body,
  gathering: Gathering,
  lanes: number,
  points: Run,
): void {
  const { axes, start, chunk } = points;
  body.declare(around, "all");
  const blocks = around.inner();
  blocks.line(`let s = ${start} + block + lane * ${run}i;`);
  blocks.line(`let end = min(s + ${run}i, ${endOf(points)});`);
  body.declare(blocks, "before");
  const sums = blocks.inner();
  unflatten(sums, "t", axes);
  body.accumulate(sums, "before");
  blocks.nest("for (var t = s; t < end; t++)", sums);
  body.declare(blocks, "total");
  const totals = body.accumulators("total");
  for (const [k, { name, accumulator }] of body.accumulators("before").entries())
    gathering.scan(blocks, accumulator, name, totals[k]?.name ?? "");
  body.declare(blocks, "carried");
  body.join(blocks, "carried", "all", "before");
  scanRun(blocks, body, points, "end");
  body.join(blocks, "all", "all", "total");
  // As often for every thread of the workgroup: they wait for each other inside.
  around.nest(`for (var block = 0i; block < ${chunk}i; block += ${lanes * run}i)`, blocks);
  body.copy(around, "a", "all");
}

/** Stores what each point from s to an end and those before it give, behind `carried`; leaves in `b` what all gave. */
function scanRun(scope: Scope, body: Body, { axes }: Run, end: string): void {
  body.declare(scope, "b");
  const point = scope.inner();
  unflatten(point, "t", axes);
  const elements = body.accumulate(point, "b");
  body.join(point, "a", "carried", "b");
  body.store(point, elements);
  scope.nest(`for (var t = s; t < ${end}; t++)`, point);
}

function endOf({ start, chunk, total }: Run): string {
  return `min(${start} + ${chunk}i, ${total}i)`;
}
