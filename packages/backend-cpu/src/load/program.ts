/**
 * The module of several plans: one function per distinct kernel, and per program functions that call the kernels in
 * order with the addresses of their buffers. It refuses to run anything.
 */

import { VerificationError } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import type { LoadOptions, Plan } from "@adjoint/scheduler/plan";
import { emitKernel } from "../emit/kernel.js";
import { FunctionBody } from "../wasm/function.js";
import { type MemoryImport, ModuleBuilder } from "../wasm/module.js";
import { kernelKey } from "./key.js";
import type { Layout } from "./layout.js";

/** Calls in one function: engines limit the size of functions, and compile small ones faster. */
const callsPerFunction = 512;
/** Milliseconds of emission after which other tasks get their turn. */
const slice = 25;

/** The name of the function that runs a program. */
export function exportName(program: string): string {
  return `run_${program}`;
}

export function kernelsOf(plans: ReadonlyMap<string, Plan>): ReadonlySet<Kernel> {
  return new Set([...plans.values()].flatMap((plan) => plan.kernels));
}

/** The module's bytes; progress counts kernels, and one more for what follows. */
export async function buildModule(
  plans: ReadonlyMap<string, Plan>,
  layout: Layout,
  memory: MemoryImport,
  { onProgress, signal }: LoadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const module = new ModuleBuilder(memory);
  const kernels = kernelsOf(plans);
  const indices = new Map<Kernel, number>();
  const byStructure = new Map<string, number>();
  let last = performance.now();
  for (const kernel of kernels) {
    const key = kernelKey(kernel);
    const index = byStructure.get(key) ?? module.add(emitKernel(kernel));
    byStructure.set(key, index);
    indices.set(kernel, index);
    onProgress?.(indices.size, kernels.size + 1);
    if (performance.now() - last < slice) continue;
    await new Promise<void>((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  }
  for (const [program, plan] of plans) {
    const addresses = layout.programs.get(program)?.addresses ?? [];
    module.export(exportName(program), addProgram(module, plan, program, addresses, indices));
  }
  return module.done();
}

function addProgram(
  module: ModuleBuilder,
  plan: Plan,
  program: string,
  addresses: readonly number[],
  indices: ReadonlyMap<Kernel, number>,
): number {
  const chunks: number[] = [];
  for (let start = 0; start < plan.steps.length; start += callsPerFunction) {
    const body = new FunctionBody({ params: [], results: [] });
    for (const [position, step] of plan.steps.slice(start, start + callsPerFunction).entries()) {
      const kernel = plan.kernels[step.kernel];
      const index = kernel === undefined ? undefined : indices.get(kernel);
      if (kernel === undefined || index === undefined || step.buffers.length !== kernel.buffers.length) {
        throw new VerificationError("A step does not fit its kernel.", `${program} step ${start + position}`);
      }
      for (const buffer of step.buffers) {
        const address = addresses[buffer];
        if (address === undefined) {
          throw new VerificationError(`A step uses buffer ${buffer}.`, `${program} step ${start + position}`);
        }
        body.i32(address);
      }
      body.call(index);
    }
    chunks.push(module.add(body));
  }
  const run = new FunctionBody({ params: [], results: [] });
  for (const chunk of chunks) run.call(chunk);
  return module.add(run);
}
