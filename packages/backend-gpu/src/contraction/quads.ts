/** Where four neighboring elements can be read or written at once. */

import type { Kernel, KernelScalar, Location } from "@adjoint/core/kernel";
import { isQuadOn } from "../shader/wide.js";
import type { AxisGroup, Contraction } from "./recognize.js";

/** Whether four neighbors on the last axis of a group, from a multiple of four on, are four neighbors in memory. */
export function isQuad(location: Location, { axes }: AxisGroup): boolean {
  const last = axes.at(-1);
  return last !== undefined && last.extent % 4 === 0 && isQuadOn(location, last.axis);
}

/** The buffers of a contraction that it reads or writes in quads. */
export function quadBuffers(kernel: Kernel, { left, right, rows, columns, inner }: Contraction): Set<number> {
  const quads = new Set<number>();
  const consider = (location: Location, groups: readonly AxisGroup[]): void => {
    const { dtype, size } = kernel.buffers[location.buffer] ?? { dtype: "bool", size: 0 };
    const isFloat = dtype === "float32" || dtype === "float16";
    if (isFloat && size % 4 === 0 && groups.some((group) => isQuad(location, group)))
      quads.add(location.buffer);
  };
  const load = (scalar: KernelScalar, groups: readonly AxisGroup[]): void => {
    if (scalar.kind === "load") consider(scalar, groups);
  };
  load(left, [inner, rows]);
  load(right, [inner, columns]);
  for (const { stores } of kernel.stages) for (const store of stores) consider(store, [columns]);
  return quads;
}
