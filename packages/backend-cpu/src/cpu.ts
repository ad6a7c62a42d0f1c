/** The CPU as a backend: loads plans into one WebAssembly memory and one module. */

import { VerificationError } from "@adjoint/core";
import type { Backend, Executable, LoadOptions, Plan, Target } from "@adjoint/scheduler/plan";
import { instantiate } from "./load/compile.js";
import { CpuExecutable } from "./load/executable.js";
import { layOut } from "./load/layout.js";
import { allocate, pagesFor } from "./load/memory.js";
import { buildModule, kernelsOf } from "./load/program.js";

const target: Target = {
  name: "cpu",
  dtypes: ["float32", "float64", "int32", "uint32", "bool"],
  alignment: 64,
};

/**
 * A backend that runs plans as generated WebAssembly, in the thread that calls it.
 *
 * `load` throws VerificationError for a plan made for another target or inconsistent with itself, MemoryError when the
 * engine has not as much memory as the plans need, and the reason of `signal` when that is aborted.
 */
export function cpu(): Backend {
  return { target, load };
}

async function load(plans: ReadonlyMap<string, Plan>, options: LoadOptions = {}): Promise<Executable> {
  options.signal?.throwIfAborted();
  for (const [program, plan] of plans) {
    if (plan.target === target.name) continue;
    throw new VerificationError(
      `Program ${program} was planned for ${plan.target}, not ${target.name}.`,
      program,
    );
  }
  const layout = layOut(plans);
  const memory = allocate(layout.bytes, layout.spaces);
  const bytes = await buildModule(plans, layout, { pages: pagesFor(layout.bytes), shared: false }, options);
  const functions = await instantiate(bytes, memory);
  options.signal?.throwIfAborted();
  const total = kernelsOf(plans).size + 1;
  options.onProgress?.(total, total);
  return new CpuExecutable(plans, layout, memory, functions);
}
