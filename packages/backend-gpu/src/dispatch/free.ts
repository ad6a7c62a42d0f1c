/** Which axes of a stage that only stores can become parallel axes of its kernel. */

import { type Kernel, loadsOf, type Stage } from "@adjoint/core/kernel";
import { Memory } from "../shader/memory.js";
import { storesApart } from "../shader/share.js";

/** The number of leading stage axes that have to stay loops; the others may run in any order, all at once. */
export function freeAxes(kernel: Kernel, stage: Stage): number {
  const memory = new Memory(
    kernel,
    kernel.buffers.map((_, binding) => ({ binding, base: 0 })),
    [],
  );
  if (storesApart(kernel, stage, memory)) return 0;
  let keep = stage.axes.length;
  while (keep > 0 && isApart(kernel, stage, kernel.axes.length + keep - 1, stage.axes[keep - 1] ?? 1)) keep--;
  return keep;
}

/**
 * Whether positions on an axis never meet: in the address of the store, all else moves in whole multiples of the axis's
 * reach, and nothing that is stored is read.
 */
function isApart(kernel: Kernel, stage: Stage, axis: number, extent: number): boolean {
  const [store, ...others] = stage.stores;
  if (store === undefined || others.length > 0) return false;
  if (loadsOf(stage).some(({ buffer }) => kernel.buffers[buffer]?.access !== "read")) return false;
  const stride = store.offset.strides[axis] ?? 0;
  if (stride <= 0) return extent === 1;
  const reach = stride * extent;
  const rest = store.offset.strides.every((other, k) => k === axis || other % reach === 0);
  const constant = store.offset.offset % reach;
  return (
    rest &&
    constant >= 0 &&
    constant < Math.max(1, stride) &&
    store.indirect.every((part) => part.stride % reach === 0)
  );
}
