/** One kernel by itself, over buffers of its own: for tests and measurements. Plans are loaded by `cpu().load`. */

import { dtypes } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import { Emission } from "../emit/emission.js";
import { type CpuOptions, detect } from "../engine/detect.js";
import type { Division } from "../engine/features.js";
import { FunctionBody } from "../wasm/function.js";
import { ModuleBuilder } from "../wasm/module.js";
import { compileModule, instantiate } from "./compile.js";
import { type MemoryArray, viewOf } from "./host.js";
import { allocate, pagesFor } from "./memory.js";

const alone: Division = { threads: 1, from: 0 };

export interface CompiledKernel {
  /** The kernel's buffers in memory, in order; bools are words 0 and 1. */
  readonly buffers: readonly MemoryArray[];
  /** Runs the kernel once. */
  readonly run: () => void;
}

/** Compiles a kernel for one thread; `shared` gives pairs [a, b] of buffers where b is placed in the memory of a. */
export async function compileKernel(
  kernel: Kernel,
  shared: readonly (readonly [number, number])[] = [],
  options: CpuOptions = {},
): Promise<CompiledKernel> {
  const offsets: number[] = [];
  let end = 0;
  for (const [index, { dtype, size }] of kernel.buffers.entries()) {
    const [host] = shared.find(([, guest]) => guest === index) ?? [];
    offsets.push(host === undefined ? end : (offsets[host] ?? 0));
    if (host === undefined) end += Math.ceil((size * dtypes[dtype].bytes) / 64) * 64;
  }
  const module = new ModuleBuilder();
  const { index, scratch } = new Emission(module, detect(options).features, alone).kernel(kernel);
  const memory = allocate(end + scratch, { buffers: end, scratch });
  const run = new FunctionBody({ params: [], results: [] });
  for (const offset of [...offsets, end, 0]) run.i32(offset);
  run.call(index);
  module.export("run", module.add(run));
  const bytes = module.done({ pages: pagesFor(end + scratch), shared: false });
  const exports = await instantiate(await compileModule(bytes), memory);
  return {
    buffers: kernel.buffers.map(({ dtype, size }, i) => viewOf(memory.buffer, dtype, offsets[i] ?? 0, size)),
    run: () => exports.get("run")?.(0, 1),
  };
}
