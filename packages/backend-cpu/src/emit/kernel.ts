/** Emits one kernel as a WebAssembly function that takes the address of each of its buffers. */

import { VerificationError } from "@adjoint/core";
import type { Kernel } from "@adjoint/core/kernel";
import { FunctionBody } from "../wasm/function.js";
import { Addresses } from "./address.js";
import { demandOf } from "./demand.js";
import { evaluateAll } from "./evaluate.js";
import { Frame } from "./frame.js";
import { overAxis } from "./loop.js";
import { buildNest, type Nest } from "./nest/nest.js";
import { scheduleNest } from "./schedule.js";
import { emitStage } from "./stage.js";
import { chooseTiling } from "./tiling/choose.js";
import type { Tiling } from "./tiling/tiling.js";

/** Engines take functions of so many parameters. */
const mostBuffers = 1000;

/** @throws VerificationError for a kernel with more buffers than a function has parameters. */
export function emitKernel(kernel: Kernel, choose: (nest: Nest) => Tiling = chooseTiling): FunctionBody {
  if (kernel.buffers.length > mostBuffers) {
    throw new VerificationError(
      `A kernel has ${kernel.buffers.length} buffers; the CPU backend takes ${mostBuffers}: fuse less.`,
      "kernel",
    );
  }
  const body = new FunctionBody({ params: kernel.buffers.map(() => "i32"), results: [] });
  const nest = buildNest(kernel);
  if (nest.stages.length === 0) return body;
  const tiling = choose(nest);
  const frame = new Frame(body, nest, tiling, demandOf(nest, tiling));
  const addresses = new Addresses(frame);
  const schedule = scheduleNest(nest, tiling);
  for (const stage of nest.stages) {
    for (const node of stage.nodes) if (node.kind === "load") addresses.register(node);
    for (const store of stage.stores) addresses.register(store);
  }
  const loops = (depth: number): void => {
    frame.scopes.within(() => {
      evaluateAll(frame, addresses, schedule.levels[depth] ?? []);
      const axis = tiling.order[depth];
      if (axis !== undefined) overAxis(frame, axis, () => loops(depth + 1));
      else for (const stage of schedule.stages) emitStage(frame, addresses, stage);
    });
  };
  loops(0);
  return body;
}
