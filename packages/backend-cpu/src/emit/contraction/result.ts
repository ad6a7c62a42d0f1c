/**
 * Finds results that are the sums themselves, at neighboring elements along a block of columns: tiles are then added up where the
 * result lies, and nothing has to be finished. It refuses to emit.
 */

import { type Affine, isOperation } from "@adjoint/core/kernel";
import type { Features } from "../../engine/features.js";
import type { Blocking } from "./blocking.js";
import type { Contraction } from "./recognize.js";

export interface Result {
  readonly buffer: number;
  /** The element at a position on the axes of the kernel. */
  readonly offset: Affine;
}

export function findResult(
  { kernel, finish }: Contraction,
  { shift, columnCut, innerColumns }: Blocking,
  { wide }: Features,
): Result | undefined {
  const [store, ...others] = finish.stores;
  if (store === undefined || others.length > 0 || shift !== undefined) return undefined;
  const { value, buffer, offset } = store;
  if (isOperation(value) || value.kind !== "accumulator") return undefined;
  if (store.combine !== undefined || store.bounds.length + store.indirect.length > 0) return undefined;
  if (offset.strides.some((stride) => stride < 0)) return undefined;
  let expected = 1;
  for (const axis of [...innerColumns].reverse()) {
    if (offset.strides[axis] !== expected) return undefined;
    expected *= kernel.axes[axis]?.extent ?? 1;
  }
  if (columnCut !== undefined && offset.strides[columnCut.axis] !== expected) return undefined;
  // A tile is as wide as its vectors, and must not reach beyond the columns.
  const sizes = columnCut?.parts.map(({ factor }) => expected * factor) ?? [expected];
  return sizes.every((size) => size % (wide ? 8 : 4) === 0) ? { buffer, offset } : undefined;
}
