/** Finds operands that lie as a sum walks them: its neighboring points are neighbors in memory. It refuses to emit. */

import type { Affine, KernelScalar } from "@adjoint/core/kernel";
import type { Contraction } from "./recognize.js";

export interface Lying {
  readonly buffer: number;
  /** The element at a position on the axes of the kernel and of the sum. */
  readonly offset: Affine;
}

export function findLying({ kernel, reduced }: Contraction, operand: KernelScalar): Lying | undefined {
  if (operand.kind !== "load" || operand.bounds.length + operand.indirect.length > 0) return undefined;
  const { buffer, offset } = operand;
  if (offset.strides.some((stride) => stride < 0)) return undefined;
  let expected = 1;
  for (let position = reduced.length - 1; position >= 0; position--) {
    const extent = reduced[position] ?? 1;
    if (extent > 1 && offset.strides[kernel.axes.length + position] !== expected) return undefined;
    expected *= extent;
  }
  return { buffer, offset };
}
