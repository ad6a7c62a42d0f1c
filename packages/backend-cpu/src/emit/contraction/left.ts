/**
 * How the innermost loop is given the left operand. Where neighbors in the sum are neighbors in memory it is read as it lies;
 * but rows a large power of two apart compete for the same few lines of the first cache level, and are copied, four points
 * of a row at a time, behind one another. Anything else is gathered point by point. It refuses to emit.
 */

import type { Tile } from "../../engine/features.js";
import type { Blocking } from "./blocking.js";
import { findLying, type Lying } from "./lying.js";
import type { Addressing } from "./micro.js";
import type { Contraction } from "./recognize.js";

export type Left =
  | ({ readonly kind: "direct" } & Lying)
  /** scratch[groups of points][rows][points of a group] */
  | ({ readonly kind: "grouped" } & Lying)
  /** scratch[points][rows] */
  | { readonly kind: "gathered" };

/** Points of a row that are copied at a time: a vector. */
export const group = 4;
/** Bytes after which addresses fall on the same lines of the first cache level; rows that share a greatest divisor so large compete. */
const period = 4096;
const competing = 1024;
/** Tiles that have to use a panel for a copy of it to pay. */
const fewestTiles = 16;

export function chooseLeft(contraction: Contraction, blocking: Blocking, tile: Tile): Left {
  const lying = findLying(contraction, contraction.left);
  if (lying === undefined) return { kind: "gathered" };
  const stride = 4 * Math.abs(lying.offset.strides[blocking.rowCut.axis] ?? 0);
  const competes = stride > 0 && divisor(stride, period) >= competing;
  const last = blocking.reducedCuts.find(({ axis }) => axis === contraction.reduced.length - 1);
  const sizes = last?.parts.map(({ factor }) => factor) ?? contraction.reduced.slice(-1);
  const divides = tile.points >= group && sizes.every((size) => size % group === 0);
  return competes && divides && blocking.width >= fewestTiles * tile.columns
    ? { kind: "grouped", ...lying }
    : { kind: "direct", ...lying };
}

/** The steps of the micro-kernel through a panel of so many rows. */
export function stepsOf(left: Left, rows: number, rowAxis: number): Omit<Addressing, "right"> {
  switch (left.kind) {
    case "direct":
      return { round: 1, point: 1, row: left.offset.strides[rowAxis] ?? 0, next: 1 };
    case "grouped":
      return { round: group, point: 1, row: group, next: group * rows };
    case "gathered":
      return { round: 1, point: rows, row: 1, next: rows };
  }
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
