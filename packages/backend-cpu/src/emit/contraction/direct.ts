/**
 * Finds left operands that lie as they are needed: elements whose neighbors in the sum are neighbors in memory. The innermost
 * loop reads them where they are; nothing is packed. It refuses to emit.
 */

import type { Affine } from "@adjoint/core/kernel";
import type { Contraction } from "./recognize.js";

export interface Direct {
  readonly buffer: number;
  /** The element at a position on the axes of the kernel and of the sum. */
  readonly offset: Affine;
}

export function findDirect({ kernel, left, reduced }: Contraction): Direct | undefined {
  if (left.kind !== "load" || left.bounds.length + left.indirect.length > 0) return undefined;
  const { buffer, offset } = left;
  if (offset.strides.some((stride) => stride < 0)) return undefined;
  let expected = 1;
  for (let position = reduced.length - 1; position >= 0; position--) {
    const extent = reduced[position] ?? 1;
    if (extent > 1 && offset.strides[kernel.axes.length + position] !== expected) return undefined;
    expected *= extent;
  }
  return { buffer, offset };
}
