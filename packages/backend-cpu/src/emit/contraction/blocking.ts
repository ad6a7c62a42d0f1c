/**
 * How a contraction is cut: tiles of rows and columns whose sums stay in registers, blocks of columns whose operand,
 * packed, stays in the second cache level, and the sum in pieces where it is long. It refuses to emit.
 */

import { type KernelScalar, scalarsOf } from "@adjoint/core/kernel";
import type { Features, Tile } from "../../engine/features.js";
import type { Part } from "../part.js";
import type { Contraction } from "./recognize.js";
import { findShift, type Shift } from "./shift.js";

/** An axis done in pieces. */
export interface Cut {
  readonly axis: number;
  readonly parts: readonly Part[];
}

/** The loops around tiles. */
export interface Loops {
  /** Columns: axes of loops around blocks, the axis of which a block takes a piece, axes that lie inside a block. */
  readonly outerColumns: readonly number[];
  readonly columnCut: Cut | undefined;
  readonly innerColumns: readonly number[];
  readonly outerRows: readonly number[];
  readonly rowCut: Cut;
  /** Pieces of axes that are summed over, numbered among them. */
  readonly reducedCuts: readonly Cut[];
}

export interface Blocking extends Loops {
  /** How the right operand is packed once for all points of the sum, where it can be. */
  readonly shift: Shift | undefined;
  /** Most columns in a block, and most points of the sum in a piece. */
  readonly width: number;
  readonly depth: number;
  /** Elements between the rows of a packed block. */
  readonly stride: number;
}

/** Bytes of a packed block of columns: half of a usual second-level cache. */
const blockBytes = 2 ** 18;
const deepest = 2048;
/** Points in a piece whose panels of rows, gathered from far apart, leave the caches room; and most sums kept between pieces. */
const shallow = 256;
const mostSums = 2 ** 20;
/** A piece that cannot be cut further must not be deeper. */
const impossible = 2 ** 15;
/** Multiplications below which packing does not pay. */
const fewest = 8192;

/** Elements with bounds of their own cost so much to pack that many rows must use them. */
const fewestRowsGuarded = 32;

function isGuarded(operand: KernelScalar): boolean {
  return scalarsOf([operand]).some((part) => part.kind === "load" && part.bounds.length > 0);
}

/** Undefined where the general loops are better. */
export function blockContraction(contraction: Contraction, { tile }: Features): Blocking | undefined {
  const { kernel, rows, columns, reduced } = contraction;
  const extent = (axis: number): number => kernel.axes[axis]?.extent ?? 1;
  const product = (axes: readonly number[]): number => axes.reduce((total, axis) => total * extent(axis), 1);
  const [rowCount, columnCount] = [product(rows), product(columns)];
  const points = reduced.reduce((total, size) => total * size, 1);
  const lastRow = rows.at(-1);
  if (lastRow === undefined || rowCount < 4 || columnCount < 8 || points < 8) return undefined;
  if (rowCount * columnCount * points < fewest || extent(lastRow) < 3) return undefined;
  const rowCut = { axis: lastRow, parts: balanced(extent(lastRow), tile.rows) };
  const outerRows = rows.slice(0, -1);
  const shift = points <= deepest ? findShift(contraction) : undefined;
  if (shift !== undefined) {
    const inner = shift.columns.map(({ axis }) => axis);
    return {
      shift,
      outerColumns: columns.filter((axis) => !inner.includes(axis)),
      columnCut: undefined,
      innerColumns: inner,
      outerRows,
      rowCut,
      reducedCuts: [],
      width: shift.width,
      depth: points,
      stride: spaced(shift.width, tile),
    };
  }
  if (rowCount < fewestRowsGuarded && isGuarded(contraction.right)) return undefined;
  const columnsKept = Math.min(columnCount, blockBytes / 4 / shallow);
  const depth = rowCount * columnsKept <= mostSums ? shallow : deepest;
  const pieces = cutReduced(reduced, points, depth);
  if (pieces === undefined) return undefined;
  const panels = Math.ceil(rowCount / tile.rows) * product(contraction.shared);
  const most = Math.min(Math.floor(blockBytes / 4 / pieces.depth), shareOf(columnCount, panels, tile));
  const room = Math.max(tile.columns, most);
  const { outer, cut, inner, width } = cutColumns(columns, extent, room, tile.columns);
  return {
    shift: undefined,
    outerColumns: outer,
    columnCut: cut,
    innerColumns: inner,
    outerRows,
    rowCut,
    reducedCuts: pieces.cut === undefined ? [] : [pieces.cut],
    width,
    depth: pieces.depth,
    stride: spaced(width, tile),
  };
}

/** Most columns in a block: where few panels of rows use it, there are several, so that each thread packs some of its own. */
function shareOf(columns: number, panels: number, tile: Tile): number {
  if (panels < 8) return Math.max(tile.columns, Math.ceil(columns / 4));
  return panels < 64 ? Math.max(8 * tile.columns, Math.ceil(columns / 2)) : columns;
}

/** Room for whole tiles; rows a multiple of 256 bytes apart would compete for the same few lines of the first cache level. */
function spaced(width: number, { columns }: Tile): number {
  const padded = Math.ceil(width / columns) * columns;
  return padded % 64 === 0 ? padded + 16 : padded;
}

function cutReduced(
  reduced: readonly number[],
  points: number,
  deepest: number,
): { readonly depth: number; readonly cut: Cut | undefined } | undefined {
  if (points <= deepest) return { depth: points, cut: undefined };
  const [first = 1] = reduced;
  const inner = points / first;
  if (inner > impossible) return undefined;
  const parts = balanced(first, Math.max(1, Math.floor(deepest / inner)));
  return { depth: inner * (parts[0]?.factor ?? 1), cut: { axis: 0, parts } };
}

function cutColumns(
  columns: readonly number[],
  extent: (axis: number) => number,
  room: number,
  multiple: number,
): {
  readonly outer: readonly number[];
  readonly cut: Cut | undefined;
  readonly inner: readonly number[];
  readonly width: number;
} {
  let width = 1;
  let start = columns.length;
  while (start > 0 && width * extent(columns[start - 1] ?? -1) <= room) {
    start--;
    width *= extent(columns[start] ?? -1);
  }
  const inner = columns.slice(start);
  const axis = columns[start - 1];
  if (axis === undefined) return { outer: [], cut: undefined, inner, width };
  const most = Math.floor(room / width);
  const size = width === 1 ? Math.floor(most / multiple) * multiple : most;
  if (size < 2) return { outer: columns.slice(0, start), cut: undefined, inner, width };
  const parts = width === 1 ? wholeTiles(extent(axis), size, multiple) : balanced(extent(axis), size);
  return {
    outer: columns.slice(0, start - 1),
    cut: { axis, parts },
    inner,
    width: width * (parts[0]?.factor ?? 1),
  };
}

/** Pieces of at most a size, of whole tiles but for the last one, whose tiles differ by at most one: threads take equal shares. */
export function wholeTiles(extent: number, size: number, tile: number): Part[] {
  const pieces = balanced(Math.ceil(extent / tile), Math.floor(size / tile));
  const parts = pieces.map(({ base, count, factor }) => ({
    base: base * tile,
    count,
    factor: factor * tile,
  }));
  const last = parts.at(-1);
  const over = Math.ceil(extent / tile) * tile - extent;
  if (last === undefined || over === 0) return parts;
  const before = { ...last, count: last.count - 1 };
  const rest = { base: last.base + before.count * last.factor, count: 1, factor: last.factor - over };
  return [...parts.slice(0, -1), before, rest].filter(({ count }) => count > 0);
}

/** Pieces of at most a size whose sizes differ by at most one. */
export function balanced(extent: number, size: number): Part[] {
  const pieces = Math.ceil(extent / size);
  const small = Math.floor(extent / pieces);
  const large = extent - small * pieces;
  return [
    { base: 0, count: large, factor: small + 1 },
    { base: large * (small + 1), count: pieces - large, factor: small },
  ].filter(({ count }) => count > 0);
}
