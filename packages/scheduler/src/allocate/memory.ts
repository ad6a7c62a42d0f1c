/** What a placed plan costs, read off its buffers and steps. */

import { flopsOf, type Kernel } from "@adjoint/core/kernel";
import type { ParameterSlot, PlanBuffer, PlanMemory, PlanStep, Space } from "../plan/plan.js";

interface Placed {
  readonly parameters: readonly ParameterSlot[];
  readonly buffers: readonly PlanBuffer[];
  readonly steps: readonly PlanStep[];
  readonly kernels: readonly Kernel[];
  readonly budgetBytes: number | null;
  readonly leastRecomputedFlops: number;
}

export function memoryOf(placed: Placed): PlanMemory {
  const { parameters, buffers, steps, kernels, budgetBytes, leastRecomputedFlops } = placed;
  const inSpace = (space: Space): readonly PlanBuffer[] => buffers.filter((buffer) => buffer.space === space);
  const total = (list: readonly PlanBuffer[]): number => list.reduce((sum, { bytes }) => sum + bytes, 0);
  const states = parameters
    .filter(({ role }) => role === "state")
    .flatMap(({ buffer }) => buffers[buffer] ?? []);
  const arena = inSpace("arena");
  const { maxLiveBytes, peakStep } = peakOf(arena, steps.length);
  const retained = retainedOf(buffers, steps);
  const flops = kernels.map(flopsOf);
  const recomputed = steps
    .filter(({ phase }) => phase === "recompute")
    .map(({ nodes, kernel, buffers: bound }) => ({
      node: nodes[0] ?? "",
      bytes: buffers[bound.at(-1) ?? 0]?.bytes ?? 0,
      flops: flops[kernel] ?? 0,
    }));
  const recomputedFlops = recomputed.reduce((sum, { flops: again }) => sum + again, 0);
  return {
    parameterBytes: total(inSpace("parameter")),
    stateBytes: total(states),
    inputBytes: total(inSpace("input")),
    constantBytes: total(inSpace("constant")),
    arenaBytes: arena.reduce((top, { offset, bytes }) => Math.max(top, offset + bytes), 0),
    maxLiveBytes,
    peakStep,
    retainedBytes: retained.reduce((sum, { bytes }) => sum + bytes, 0),
    retained,
    flops: steps.reduce((sum, { kernel }) => sum + (flops[kernel] ?? 0), 0),
    recomputedFlops,
    recomputed,
    budgetBytes,
    leastRecomputedFlops,
    recomputationGap: recomputedFlops - leastRecomputedFlops,
  };
}

/** The largest sum of live bytes and the first step that reaches it. */
function peakOf(arena: readonly PlanBuffer[], steps: number): { maxLiveBytes: number; peakStep: number } {
  const change = new Float64Array(steps + 2);
  for (const { lower, upper, bytes } of arena) {
    change[lower] = (change[lower] ?? 0) + bytes;
    change[upper] = (change[upper] ?? 0) - bytes;
  }
  let live = 0;
  let peak = { maxLiveBytes: 0, peakStep: 0 };
  for (const [step, difference] of change.entries()) {
    live += difference;
    if (live > peak.maxLiveBytes) peak = { maxLiveBytes: live, peakStep: step };
  }
  return peak;
}

/** Values of the arena that a forward step wrote and another kind of step reads, in order of when one does first. */
function retainedOf(buffers: readonly PlanBuffer[], steps: readonly PlanStep[]): PlanMemory["retained"] {
  const writer = new Map<number, PlanStep>();
  const retained = new Map<PlanStep, number>();
  for (const step of steps) {
    for (const buffer of step.buffers.slice(0, -1)) {
      const source = writer.get(buffer);
      if (source?.phase === "forward" && step.phase !== "forward") retained.set(source, buffer);
    }
    const written = step.buffers.at(-1);
    if (written !== undefined) writer.set(written, step);
  }
  return [...retained].flatMap(([source, buffer]) => {
    const { space, bytes } = buffers[buffer] ?? { space: "input", bytes: 0 };
    return space === "arena" ? [{ node: source.nodes[0] ?? "", bytes }] : [];
  });
}
