/** The scratch memory of a blocked contraction. It refuses to emit. */

import type { Blocking } from "./blocking.js";
import type { Contraction } from "./recognize.js";

const lineBytes = 64;

/** Bytes of scratch memory that one thread needs, and where its parts begin. */
export interface Scratch {
  readonly left: number;
  readonly right: number;
  readonly sums: number;
  /** Offsets of the rows of a shifted operand. */
  readonly offsets: number;
  readonly bytes: number;
}

export function scratchOf({ kernel, rows }: Contraction, blocking: Blocking): Scratch {
  const { depth, stride, reducedCuts, rowCut, shift } = blocking;
  const most = rowCut.parts[0]?.factor ?? 1;
  const all = rows.reduce((product, axis) => product * (kernel.axes[axis]?.extent ?? 1), 1);
  const align = (bytes: number): number => Math.ceil(bytes / lineBytes) * lineBytes;
  const right = align(4 * most * depth);
  // Tiles read a little past the last column.
  const packed = shift === undefined ? stride * depth : shift.size + stride;
  const sums = right + align(4 * packed) + lineBytes;
  const offsets = sums + align(4 * stride * (reducedCuts.length === 0 ? most : all)) + lineBytes;
  const bytes = offsets + (shift === undefined ? 0 : align(4 * depth));
  return { left: 0, right, sums, offsets, bytes };
}
