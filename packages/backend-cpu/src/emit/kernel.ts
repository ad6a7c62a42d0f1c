/** Emits the loop nest of a kernel into a function whose first parameters are the addresses of its buffers. */

import type { Kernel } from "@adjoint/core/kernel";
import type { Features } from "../engine/features.js";
import type { FunctionBody } from "../wasm/function.js";
import { Addresses } from "./address.js";
import type { Routines } from "./code/primitive.js";
import { demandOf } from "./demand.js";
import { evaluateAll } from "./evaluate.js";
import { Frame } from "./frame.js";
import { keepValues } from "./keep.js";
import { atPosition, overAxis, overSharedAxis, type Sharing } from "./loop.js";
import { fuseMultiplyAdds } from "./nest/fuse.js";
import { buildNest } from "./nest/nest.js";
import { partsOf } from "./part.js";
import { scheduleNest } from "./schedule.js";
import { chooseSplit } from "./split.js";
import { emitStage } from "./stage.js";
import { chooseTiling } from "./tiling/choose.js";

export interface NestOptions {
  readonly features: Features;
  readonly routine: Routines;
  /** The position on so many leading axes is in the parameters after the buffers. */
  readonly given: number;
  /** How threads divide the nest; undefined for one thread. */
  readonly share: Sharing | undefined;
}

/** Returns whether threads divide it. */
export function emitNest(
  body: FunctionBody,
  kernel: Kernel,
  { features, routine, given, share }: NestOptions,
): boolean {
  const built = buildNest(keepValues(kernel), given, features.wide);
  const nest = features.relaxedSimd ? fuseMultiplyAdds(built) : built;
  if (nest.stages.length === 0) return false;
  const tiling = chooseTiling(nest, features);
  const frame = new Frame(body, nest, tiling, demandOf(nest, tiling), { features, routine });
  const addresses = new Addresses(frame);
  const schedule = scheduleNest(nest, tiling);
  for (const stage of nest.stages) {
    for (const node of stage.nodes) if (node.kind === "load") addresses.register(node);
    for (const store of stage.stores) addresses.register(store);
  }
  const leading = tiling.order.findIndex((axis) => !nest.parallel.has(axis));
  const divisible = tiling.order.slice(0, leading < 0 ? undefined : leading).map((axis) => {
    const parts = partsOf(nest.extents[axis] ?? 1, tiling.factors.get(axis) ?? 1);
    return { axis, count: parts.reduce((sum, { count }) => sum + count, 0) };
  });
  const shared = share === undefined ? undefined : chooseSplit(divisible, share.threads);
  const loops = (depth: number): void => {
    frame.scopes.within(() => {
      evaluateAll(frame, addresses, schedule.levels[depth] ?? []);
      const axis = tiling.order[depth];
      const inside = (): void => loops(depth + 1);
      if (axis === undefined) for (const stage of schedule.stages) emitStage(frame, addresses, stage);
      else if (depth < given) atPosition(frame, axis, kernel.buffers.length + depth, inside);
      else if (axis === shared && share !== undefined) overSharedAxis(frame, axis, share, inside);
      else overAxis(frame, axis, inside);
    });
  };
  loops(0);
  return shared !== undefined;
}
