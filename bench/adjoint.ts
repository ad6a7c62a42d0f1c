// Adjoint on the CPU, as a user runs it: one session, feeds written and outputs read as fresh arrays in every step. The
// same programs in float64 are what every result is compared with.

import { type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { compile, type FeedData, type Session } from "@adjoint/scheduler";
import type { Contender, Runner } from "./runner.js";
import type { Float, Workload } from "./workload.js";

export function adjoint(options: CpuOptions): Contender {
  const { relaxedSimd, wide, threads } = cpu(options).target;
  const simd = `${wide ? "256" : "128"}-bit SIMD ${relaxedSimd ? "with" : "without"} fused multiply-add`;
  const many = threads === 1 ? "one thread" : `${threads} threads`;
  return {
    name: "adjoint",
    settings: `@adjoint/backend-cpu, float32, ${many}, ${simd}; \`session.run\` per step`,
    load: (workload) => loadAdjoint(workload, "float32", options),
  };
}

export async function loadAdjoint(workload: Workload, dtype: Float, options: CpuOptions): Promise<Runner> {
  return runnerOf(workload, await compile(workload.declare(dtype), { backend: cpu(options) }));
}

export function runnerOf(workload: Workload, session: Session): Runner {
  const feeds: Readonly<Record<string, FeedData>> = Object.fromEntries(
    Object.entries(workload.feeds).map(([name, { data }]) => [name, data]),
  );
  const { result } = workload;
  let last: ArrayLike<number> = [];
  return {
    step: async () => {
      const outputs = await session.run(feeds);
      if ("output" in result) last = outputs[result.output]?.data ?? [];
    },
    result: async () => ("weight" in result ? (await session.read(result.weight)).data : last),
    dispose: () => session.dispose(),
  };
}
