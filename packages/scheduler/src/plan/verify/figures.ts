/** What a plan costs, from what its steps were seen to do, against what it states. It refuses to judge whether that is good. */

import { flopsOf } from "@adjoint/core/kernel";
import { PlanError } from "../error.js";
import type { Plan, PlanBuffer, PlanMemory, Space } from "../plan.js";
import type { Trace } from "./values.js";

/** Steps [lower, upper) of each buffer: leaves are there all the time. */
export function checkLifetimes({ buffers, steps }: Plan, { lifetimes }: Trace): void {
  const always = { lower: 0, upper: steps.length + 1 };
  for (const [index, buffer] of buffers.entries()) {
    const replayed = buffer.space === "arena" ? (lifetimes.get(index) ?? always) : always;
    for (const field of ["lower", "upper"] as const) {
      if (buffer[field] === replayed[field]) continue;
      const address = `buffers[${index}].${field}`;
      throw new PlanError(address, `is stated as ${buffer[field]} but replays as ${replayed[field]}`);
    }
  }
}

/** @throws PlanError naming the figure that is not so. */
export function checkMemory(plan: Plan, trace: Trace): void {
  const { memory } = plan;
  compare(memory, replayedMemory(plan, trace), "memory");
  const { arenaBytes, budgetBytes, recomputedFlops, leastRecomputedFlops } = memory;
  if (budgetBytes !== null && !(arenaBytes <= budgetBytes))
    throw new PlanError("memory.arenaBytes", `is ${arenaBytes}, over the budget of ${budgetBytes}`);
  const most = budgetBytes === null ? 0 : recomputedFlops;
  if (!(leastRecomputedFlops >= 0 && leastRecomputedFlops <= most))
    throw new PlanError("memory.leastRecomputedFlops", `is ${leastRecomputedFlops}, but ${most} are enough`);
}

/** Everything but the budget and the bound, which are given. */
function replayedMemory(plan: Plan, trace: Trace): Omit<PlanMemory, "budgetBytes" | "leastRecomputedFlops"> {
  const { buffers, kernels, parameters, steps } = plan;
  const flops = kernels.map(flopsOf);
  const workOf = (step: number): number => flops[steps[step]?.kernel ?? -1] ?? 0;
  const bytesIn = (buffer: number): number => buffers[buffer]?.bytes ?? 0;
  const filling = (space: Space): number =>
    sum(buffers.map((buffer) => (buffer.space === space ? buffer.bytes : 0)));
  const retained = trace.retained.map(({ node, buffer }) => ({ node, bytes: bytesIn(buffer) }));
  const recomputed = trace.repeated.map((step) => ({
    node: steps[step]?.nodes[0] ?? "",
    bytes: bytesIn(steps[step]?.buffers.at(-1) ?? -1),
    flops: workOf(step),
  }));
  const recomputedFlops = sum(recomputed.map((again) => again.flops));
  return {
    parameterBytes: filling("parameter"),
    stateBytes: sum(parameters.map(({ role, buffer }) => (role === "state" ? bytesIn(buffer) : 0))),
    inputBytes: filling("input"),
    constantBytes: filling("constant"),
    arenaBytes: topOf(buffers),
    ...peakOf(plan, trace),
    retainedBytes: sum(retained.map(({ bytes }) => bytes)),
    retained,
    flops: sum(steps.map((_, step) => workOf(step))),
    recomputedFlops,
    recomputed,
    recomputationGap: recomputedFlops - plan.memory.leastRecomputedFlops,
  };
}

function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}

function topOf(buffers: readonly PlanBuffer[]): number {
  const arena = buffers.filter(({ space }) => space === "arena");
  return arena.reduce((top, { offset, bytes }) => Math.max(top, offset + bytes), 0);
}

/** The first step at which most is alive; outputs are after the last one too. */
function peakOf(
  { buffers, steps }: Plan,
  { lifetimes }: Trace,
): Pick<PlanMemory, "maxLiveBytes" | "peakStep"> {
  const starting = new Map<number, number>();
  const ending = new Map<number, number>();
  for (const [buffer, { lower, upper }] of lifetimes) {
    const bytes = buffers[buffer]?.bytes ?? 0;
    starting.set(lower, (starting.get(lower) ?? 0) + bytes);
    ending.set(upper, (ending.get(upper) ?? 0) + bytes);
  }
  let live = 0;
  let most = { maxLiveBytes: 0, peakStep: 0 };
  for (let step = 0; step <= steps.length; step++) {
    live += (starting.get(step) ?? 0) - (ending.get(step) ?? 0);
    if (live > most.maxLiveBytes) most = { maxLiveBytes: live, peakStep: step };
  }
  return most;
}

/** Finds the first entry of `replayed` that `stated` says otherwise, however deep. */
function compare(stated: unknown, replayed: unknown, address: string): void {
  if (typeof replayed !== "object" || replayed === null) {
    if (!Object.is(stated, replayed))
      throw new PlanError(address, `is stated as ${String(stated)} but replays as ${String(replayed)}`);
    return;
  }
  const fields = new Map<string, unknown>(
    typeof stated === "object" && stated !== null ? Object.entries(stated) : [],
  );
  if (Array.isArray(replayed) && fields.size !== replayed.length)
    throw new PlanError(address, `has ${fields.size} entries but ${replayed.length} are replayed`);
  for (const [field, value] of Object.entries(replayed)) {
    compare(
      fields.get(field),
      value,
      Array.isArray(replayed) ? `${address}[${field}]` : `${address}.${field}`,
    );
  }
}
