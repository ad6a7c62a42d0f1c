/** Which tile a contraction gets and in how many parts it is summed: by rules, without measuring. */

import type { Contraction } from "./recognize.js";
import { columnsOf, large, medium, rowsOf, small, type Tile } from "./tile.js";

export interface TileChoice {
  readonly tile: Tile;
  readonly parts: number;
}

/** Workgroups that keep a large device busy. */
const busy = 128;
/** Rows, columns and inner positions below which tiles are mostly empty: a thread or a few per element do better. */
const least = 16;
/** Tiles of inner positions that a part should have. */
const deep = 8;
/** Workgroups along one dimension on every device. */
const widest = 65535;

/** Undefined where tiles do not pay. */
export function chooseTile({ rows, columns, batch, inner }: Contraction): TileChoice | undefined {
  if (Math.min(rows.size, columns.size) < least || inner.size < least) return undefined;
  const groups = (tile: Tile): number =>
    Math.ceil(rows.size / rowsOf(tile)) * Math.ceil(columns.size / columnsOf(tile)) * batch.size;
  const fitting = [large, medium, small].filter(
    (tile) => rows.size > rowsOf(tile) / 2 && columns.size > columnsOf(tile) / 2,
  );
  const tile = fitting.find((candidate) => groups(candidate) >= busy) ?? fitting.at(-1) ?? small;
  const count = groups(tile);
  const tiles = Math.ceil(inner.size / tile.depth);
  const wanted = Math.min(Math.floor(tiles / deep), Math.ceil(busy / count));
  const parts = wanted > 1 ? Math.ceil(tiles / Math.ceil(tiles / wanted)) : 1;
  const tall = Math.ceil(rows.size / rowsOf(tile));
  const wide = Math.ceil(columns.size / columnsOf(tile));
  return Math.max(tall, wide, batch.size * parts) <= widest ? { tile, parts } : undefined;
}
