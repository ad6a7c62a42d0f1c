/**
 * The static schedule of several threads: which of them runs each step of a program, and where all wait for each other
 * because a step needs what another thread has computed, or overwrites what another still reads. It refuses to emit.
 */

import { dtypes } from "@adjoint/core";
import type { Plan } from "@adjoint/scheduler/plan";
import type { Emitted } from "../emit/emission.js";
import { required } from "./required.js";

export type Entry =
  | { readonly kind: "barrier" }
  /** All threads run their part of a step, or one thread all of it. */
  | { readonly kind: "step"; readonly step: number; readonly thread: "all" | number };

/** Bytes that a step reads or writes. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
}

interface Done {
  readonly thread: "all" | number;
  readonly ranges: readonly Range[];
}

/** Steps between two barriers: more are not searched for conflicts. */
const longestSegment = 64;

export function scheduleThreads(
  plan: Plan,
  addresses: readonly number[],
  emitted: readonly Emitted[],
  threads: number,
): Entry[] {
  const entries: Entry[] = [];
  let segment: Done[] = [];
  let loads = new Array<number>(threads).fill(0);
  const wait = (): void => {
    if (segment.length > 0) entries.push({ kind: "barrier" });
    segment = [];
    loads = loads.map(() => 0);
  };
  for (const [step, { kernel }] of plan.steps.entries()) {
    const ranges = rangesOf(plan, step, addresses);
    const { divided, work } = required(emitted[kernel], `kernel ${kernel}`, `step ${step}`);
    if (segment.length >= longestSegment) wait();
    let needed = new Set(segment.filter((done) => conflict(done.ranges, ranges)).map(({ thread }) => thread));
    if (needed.has("all") || needed.size > 1 || (divided && needed.size > 0)) {
      wait();
      needed = new Set();
    }
    const [only] = needed;
    const thread = divided ? "all" : typeof only === "number" ? only : loads.indexOf(Math.min(...loads));
    if (typeof thread === "number") loads[thread] = (loads[thread] ?? 0) + work;
    entries.push({ kind: "step", step, thread });
    segment.push({ thread, ranges });
  }
  wait();
  return entries;
}

function rangesOf(plan: Plan, step: number, addresses: readonly number[]): Range[] {
  const where = `step ${step}`;
  const { kernel, buffers } = required(plan.steps[step], where, where);
  return buffers.map((buffer, position) => {
    const declared = plan.kernels[kernel]?.buffers[position];
    const { size, dtype, access } = required(declared, `buffer ${position} of kernel ${kernel}`, where);
    const start = required(addresses[buffer], `buffer ${buffer}`, where);
    return { start, end: start + size * dtypes[dtype].bytes, writes: access !== "read" };
  });
}

function conflict(some: readonly Range[], others: readonly Range[]): boolean {
  return some.some((a) => others.some((b) => (a.writes || b.writes) && a.start < b.end && b.start < a.end));
}
