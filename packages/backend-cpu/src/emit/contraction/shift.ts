/**
 * Finds convolutions of stride 1: right operands within bounds whose elements move with columns and with points of the sum
 * alike. One copy with its border then serves all points, each from an offset of its own: no patch is written out. Rows of the
 * copy are longer than rows of the result by the border; the sums in between are never used. It refuses to emit.
 */

import type { KernelScalar } from "@adjoint/core/kernel";
import type { Contraction } from "./recognize.js";

export interface Shift {
  /** Columns within the copy, outermost first: their positions there with the border, and the elements between two. */
  readonly columns: readonly { readonly axis: number; readonly size: number; readonly stride: number }[];
  /** Axes summed over that do not move columns (channels), numbered among those, and the elements between two. */
  readonly still: readonly { readonly axis: number; readonly stride: number }[];
  /** For each axis summed over, the elements by which it moves the operand. */
  readonly steps: readonly number[];
  /** Elements of the copy, and of a row of sums. */
  readonly size: number;
  readonly width: number;
}

/** Most elements of a copy. */
const largest = 2 ** 18;

export function findShift({ kernel, columns, reduced, right }: Contraction): Shift | undefined {
  const moves = movesOf(kernel.axes.length, reduced.length, columns, right);
  if (moves === undefined) return undefined;
  const start = Math.min(...[...moves.keys()].map((axis) => columns.indexOf(axis)));
  let size = 1;
  const inside: { axis: number; size: number; stride: number }[] = [];
  const steps = new Array<number>(reduced.length).fill(0);
  const moving = new Set<number>();
  for (const axis of columns.slice(start).reverse()) {
    let positions = kernel.axes[axis]?.extent ?? 1;
    for (const [position, by] of moves.get(axis) ?? []) {
      if (by === 0) continue;
      if (moving.has(position)) return undefined;
      moving.add(position);
      positions += by * ((reduced[position] ?? 1) - 1);
      steps[position] = by * size;
    }
    inside.unshift({ axis, size: positions, stride: size });
    size *= positions;
  }
  const width = inside.reduce(
    (sum, { axis, stride }) => sum + ((kernel.axes[axis]?.extent ?? 1) - 1) * stride,
    1,
  );
  const still: { axis: number; stride: number }[] = [];
  for (let position = reduced.length - 1; position >= 0; position--) {
    if (moving.has(position)) continue;
    still.unshift({ axis: position, stride: size });
    steps[position] = size;
    size *= reduced[position] ?? 1;
  }
  return size > largest ? undefined : { columns: inside, still, steps, size, width };
}

/** For each column with a bound, how far each axis summed over moves it; undefined where anything else moves. */
function movesOf(
  outer: number,
  rank: number,
  columns: readonly number[],
  right: KernelScalar,
): ReadonlyMap<number, ReadonlyMap<number, number>> | undefined {
  if (right.kind !== "load" || right.indirect.length > 0 || right.bounds.length === 0) return undefined;
  const moves = new Map<number, Map<number, number>>();
  for (const { value } of right.bounds) {
    const used = [...value.strides.keys()].filter((axis) => value.strides[axis] !== 0);
    const [column, ...others] = used.filter((axis) => axis < outer);
    if (column === undefined || others.length > 0 || value.strides[column] !== 1) return undefined;
    if (!columns.includes(column) || moves.has(column)) return undefined;
    const by = new Map<number, number>();
    for (let position = 0; position < rank; position++) {
      const step = value.strides[outer + position] ?? 0;
      const expected = step * (right.offset.strides[column] ?? 0);
      if (step < 0 || (step > 0 && (right.offset.strides[outer + position] ?? 0) !== expected))
        return undefined;
      by.set(position, step);
    }
    moves.set(column, by);
  }
  return moves;
}
