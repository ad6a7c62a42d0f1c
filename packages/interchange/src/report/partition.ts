/**
 * A training program cut in two between layers, as for two devices: what each would hold and what would cross, read off the plan's
 * own schedule. An estimate: neither half is planned again. It refuses to cut within a layer.
 */

import { type Plan, type StoredValue, storedValues } from "@adjoint/scheduler";
import type { Layer } from "./layers.js";

export interface Cut {
  /** The last layer on the first device. */
  readonly after: string;
  /** Bytes of parameters and inputs, of what both read on both, and of the most values alive together, on each device. */
  readonly devices: readonly [number, number];
  /** Bytes of values sent from the first device to the second in a step, and back. */
  readonly sent: readonly [number, number];
  /** The share of the first device in the scalar operations. */
  readonly share: number;
}

type Side = 0 | 1;

/** Every cut between two layers that have forward work. */
export function cutsOf(plan: Plan, layers: readonly Layer[]): Cut[] {
  const work = layers.filter(({ forward, steps }) => forward > 0 && steps.length > 0);
  return work.slice(0, -1).map(({ name }, position) => {
    const first = new Set(work.slice(0, position + 1));
    return cut(plan, name, layers, (layer) => (first.has(layer) ? 0 : 1));
  });
}

function cut(plan: Plan, after: string, layers: readonly Layer[], sideOfLayer: (layer: Layer) => Side): Cut {
  const sides = new Map(
    layers.flatMap((layer) => layer.steps.map((step) => [step, sideOfLayer(layer)] as const)),
  );
  const sideOf = (step: number): Side => sides.get(step) ?? 1;
  const flops: [number, number] = [0, 0];
  for (const layer of layers) flops[sideOfLayer(layer)] += layer.forward + layer.backward;
  const { peaks, sent } = traffic(plan, sideOf);
  const stored = storedBytes(plan, sideOf);
  return {
    after,
    devices: [stored[0] + peaks[0], stored[1] + peaks[1]],
    sent,
    share: flops[0] / Math.max(1, flops[0] + flops[1]),
  };
}

/** Parameters, inputs and constants are on every side that reads them. */
function storedBytes(plan: Plan, sideOf: (step: number) => Side): readonly [number, number] {
  const read = [new Set<number>(), new Set<number>()] as const;
  for (const [step, { buffers }] of plan.steps.entries()) {
    for (const buffer of buffers) if (plan.buffers[buffer]?.space !== "arena") read[sideOf(step)].add(buffer);
  }
  const bytes = (buffers: ReadonlySet<number>): number =>
    [...buffers].reduce((total, buffer) => total + (plan.buffers[buffer]?.bytes ?? 0), 0);
  return [bytes(read[0]), bytes(read[1])];
}

function traffic(
  plan: Plan,
  sideOf: (step: number) => Side,
): { peaks: readonly [number, number]; sent: readonly [number, number] } {
  const sent: [number, number] = [0, 0];
  const bytesOf = (buffer: number): number => plan.buffers[buffer]?.bytes ?? 0;
  const changes = [new Float64Array(plan.steps.length + 2), new Float64Array(plan.steps.length + 2)] as const;
  const occupied = new Map<string, number>();
  for (const value of storedValues(plan)) {
    const { buffer, written } = value;
    const last = lastOn(value, plan.steps.length, sideOf);
    const writer = sideOf(written);
    if (last[writer === 0 ? 1 : 0] > written) sent[writer] += bytesOf(buffer);
    for (const side of [0, 1] as const) {
      // What overwrites a value in place takes no room of its own.
      const from = Math.max(written, (occupied.get(`${side} ${buffer}`) ?? -1) + 1);
      if (from > last[side]) continue;
      const change = changes[side];
      change[from] = (change[from] ?? 0) + bytesOf(buffer);
      change[last[side] + 1] = (change[last[side] + 1] ?? 0) - bytesOf(buffer);
      occupied.set(`${side} ${buffer}`, last[side]);
    }
  }
  return { peaks: [highest(changes[0]), highest(changes[1])], sent };
}

function highest(changes: Float64Array): number {
  let [live, most] = [0, 0];
  for (const change of changes) {
    live += change;
    most = Math.max(most, live);
  }
  return most;
}

/** The last step at which each side holds a value; -1 for a side that never does. */
function lastOn(
  { written, reads }: StoredValue,
  steps: number,
  sideOf: (step: number) => Side,
): readonly [number, number] {
  const last: [number, number] = [-1, -1];
  last[sideOf(written)] = written;
  // Outputs stay where they were written.
  for (const step of reads) last[sideOf(step === steps ? written : step)] = step;
  return last;
}
