/** The CPU as a backend: loads plans into one WebAssembly memory and one module. */

import { VerificationError } from "@adjoint/core";
import type { Backend, Executable, LoadOptions, Plan, Target } from "@adjoint/scheduler/plan";
import { type CpuOptions, detect } from "./engine/detect.js";
import type { Features } from "./engine/features.js";
import { instantiate } from "./load/compile.js";
import { CpuExecutable } from "./load/executable.js";
import { layOut } from "./load/layout.js";
import { allocate } from "./load/memory.js";
import { buildModule, kernelsOf } from "./load/program.js";

/** What the engine was found to have, and why not more. */
export interface CpuTarget extends Target {
  readonly simd: true;
  /** Fused multiply-add. */
  readonly relaxedSimd: boolean;
  /** Pairs of 128-bit operations as one of 256 bits. */
  readonly wide: boolean;
  /** How many threads share the work, the calling one among them. */
  readonly threads: number;
  /** For each feature that is not used, why. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface CpuBackend extends Backend {
  readonly target: CpuTarget;
}

/**
 * A backend that runs plans as generated WebAssembly, with the features of the engine that are there and wanted.
 *
 * `load` throws VerificationError for a plan made for another target or inconsistent with itself, MemoryError when the
 * engine has not as much memory as the plans need, and the reason of `signal` when that is aborted.
 */
export function cpu(options: CpuOptions = {}): CpuBackend {
  const { features, threads, reasons } = detect(options);
  const { relaxedSimd, wide } = features;
  const target: CpuTarget = {
    name: "cpu",
    dtypes: ["float32", "float64", "int32", "uint32", "bool"],
    alignment: 64,
    simd: true,
    relaxedSimd,
    wide,
    threads,
    reasons,
  };
  return { target, load: (plans, loadOptions) => load(target, features, plans, loadOptions) };
}

async function load(
  target: CpuTarget,
  features: Features,
  plans: ReadonlyMap<string, Plan>,
  options: LoadOptions = {},
): Promise<Executable> {
  options.signal?.throwIfAborted();
  for (const [program, plan] of plans) {
    if (plan.target === target.name) continue;
    throw new VerificationError(
      `Program ${program} was planned for ${plan.target}, not ${target.name}.`,
      program,
    );
  }
  const layout = layOut(plans);
  const { bytes, threads, scratch, memoryBytes } = await buildModule(plans, layout, features, 1, options);
  const memory = allocate(memoryBytes, { ...layout.spaces, scratch }, threads > 1);
  const functions = await instantiate(bytes, memory);
  options.signal?.throwIfAborted();
  const total = kernelsOf(plans).size + 1;
  options.onProgress?.(total, total);
  return new CpuExecutable(plans, layout, memory, functions);
}
