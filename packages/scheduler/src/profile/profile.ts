/**
 * How long each kernel of a program takes. It is measured in memory of its own, loaded for the purpose with the parameters as
 * they are, so that the session's own are as they were afterwards.
 */

import { dtypes } from "@adjoint/core";
import { flopsOf, type Kernel } from "@adjoint/core/kernel";
import type { Backend, Executable, HostArray } from "../backend/backend.js";
import type { Phase, Plan } from "../plan/plan.js";

export interface KernelTime {
  /** Position among the steps of the plan. */
  readonly step: number;
  /** The nodes that the kernel evaluates, the stored one first. */
  readonly nodes: readonly string[];
  readonly phase: Phase;
  readonly milliseconds: number;
  /** Scalar operations. */
  readonly flops: number;
  /** Bytes of all buffers it reads or writes, each counted once. */
  readonly bytes: number;
}

export interface Profile {
  readonly target: string;
  /** `device`: time stamps of the device. `host`: from the call of a kernel to its end, some microseconds too much. */
  readonly clock: "device" | "host";
  /** Of all kernels together. */
  readonly milliseconds: number;
  readonly kernels: readonly KernelTime[];
}

/** Scalar operations and bytes per second of a kernel. */
export function ratesOf({ flops, bytes, milliseconds }: KernelTime): {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
} {
  const seconds = Math.max(milliseconds, 1e-6) / 1000;
  return { flopsPerSecond: flops / seconds, bytesPerSecond: bytes / seconds };
}

/** Runs a plan twice, the first time to warm up, and measures the second. */
export async function profilePlan(
  plan: Plan,
  backend: Backend,
  parameters: ReadonlyMap<string, HostArray>,
  feeds: ReadonlyMap<string, HostArray>,
): Promise<Profile> {
  const stamped = await backend.load(new Map([["profiled", plan]]));
  try {
    const stamp = stamped.profile?.bind(stamped);
    if (stamp !== undefined) {
      await fill(stamped, parameters);
      await stamp("profiled", feeds);
      await fill(stamped, parameters);
      const { clock, milliseconds } = await stamp("profiled", feeds);
      return profileOf(plan, clock, milliseconds);
    }
  } finally {
    await stamped.dispose();
  }
  const pieces = plan.steps.map((_, step) => [`step ${step}`, onlyStep(plan, step)] as const);
  const executable = await backend.load(new Map(pieces));
  try {
    let times: number[] = [];
    for (let run = 0; run < 2; run++) {
      await fill(executable, parameters);
      times = [];
      for (const [name, { inputs }] of pieces) {
        const fed = new Map([...feeds].filter(([input]) => inputs.some((slot) => slot.name === input)));
        const start = performance.now();
        await executable.run(name, fed);
        times.push(performance.now() - start);
      }
    }
    return profileOf(plan, "host", times);
  } finally {
    await executable.dispose();
  }
}

async function fill(executable: Executable, parameters: ReadonlyMap<string, HostArray>): Promise<void> {
  for (const [name, data] of parameters) await executable.write(name, data);
}

/** The plan of one step: what it leaves is where the other steps find it, since programs share one memory. */
function onlyStep(plan: Plan, index: number): Plan {
  const step = plan.steps[index];
  const used = new Set(step?.buffers);
  return {
    ...plan,
    // The first brings the inputs, which stay.
    inputs: index === 0 ? plan.inputs : [],
    outputs: [],
    constants: plan.constants.filter(({ buffer }) => used.has(buffer)),
    steps: step === undefined ? [] : [step],
  };
}

function profileOf(plan: Plan, clock: Profile["clock"], times: readonly number[]): Profile {
  const kernels = plan.steps.map(({ kernel, nodes, phase }, step): KernelTime => {
    const code = plan.kernels[kernel];
    const milliseconds = times[step] ?? 0;
    return { step, nodes, phase, milliseconds, flops: code ? flopsOf(code) : 0, bytes: bytesOf(code) };
  });
  return {
    target: plan.target,
    clock,
    milliseconds: times.reduce((sum, time) => sum + time, 0),
    kernels,
  };
}

function bytesOf(kernel: Kernel | undefined): number {
  return (kernel?.buffers ?? []).reduce((sum, { size, dtype }) => sum + size * dtypes[dtype].bytes, 0);
}
