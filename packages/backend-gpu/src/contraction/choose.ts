/** Which tile a contraction gets and in how many parts it is summed: by rules, without measuring. */

import type { Contraction } from "./recognize.js";
import { columnsOf, flat, large, medium, rowsOf, small, type Tile, thin } from "./tile.js";

export interface TileChoice {
  readonly tile: Tile;
  readonly parts: number;
}

/** Workgroups that keep a large device busy. */
const busy = 128;
/** Rows, columns and inner positions below which tiles are mostly empty: a thread or a few per element do better. */
const least = 16;
/** What a thin or flat tile has to find: rows or columns enough on its shorter and longer side, and inner positions. */
const filling = { short: 5, long: 64, inner: 64 } as const;
/** Tiles of inner positions that a part should have. */
const deep = 8;
/** Workgroups along one dimension on every device. */
const widest = 65535;

/** Undefined where tiles do not pay. */
export function chooseTile(contraction: Contraction): TileChoice | undefined {
  const { rows, columns, inner } = contraction;
  if (inner.size < least) return undefined;
  const narrow =
    columns.size <= least
      ? narrowest(contraction, thin)
      : rows.size <= least
        ? narrowest(contraction, flat)
        : undefined;
  if (narrow !== undefined) return narrow;
  if (Math.min(rows.size, columns.size) < least) return undefined;
  const fitting = [large, medium, small].filter(
    (tile) => rows.size > rowsOf(tile) / 2 && columns.size > columnsOf(tile) / 2,
  );
  const tile =
    fitting.find((candidate) => groupsOf(contraction, candidate) >= busy) ?? fitting.at(-1) ?? small;
  return inParts(contraction, tile);
}

/** The first of some tiles that holds all of the shorter side, if the longer one fills half a device with them. */
function narrowest(contraction: Contraction, tiles: readonly Tile[]): TileChoice | undefined {
  const { rows, columns, inner } = contraction;
  const [short, long] = [Math.min(rows.size, columns.size), Math.max(rows.size, columns.size)];
  if (short < filling.short || long < filling.long || inner.size < filling.inner) return undefined;
  const tile = tiles.find((candidate) => short <= Math.min(rowsOf(candidate), columnsOf(candidate)));
  if (tile === undefined) return undefined;
  const choice = inParts(contraction, tile);
  return choice !== undefined && groupsOf(contraction, tile) * choice.parts >= busy / 2 ? choice : undefined;
}

function groupsOf({ rows, columns, batch }: Contraction, tile: Tile): number {
  return Math.ceil(rows.size / rowsOf(tile)) * Math.ceil(columns.size / columnsOf(tile)) * batch.size;
}

/** A long sum of few tiles is cut, so that all of a device takes part. */
function inParts(contraction: Contraction, tile: Tile): TileChoice | undefined {
  const { rows, columns, batch, inner } = contraction;
  const tiles = Math.ceil(inner.size / tile.depth);
  const wanted = Math.min(Math.floor(tiles / deep), Math.ceil(busy / groupsOf(contraction, tile)));
  const parts = wanted > 1 ? Math.ceil(tiles / Math.ceil(tiles / wanted)) : 1;
  const tall = Math.ceil(rows.size / rowsOf(tile));
  const wide = Math.ceil(columns.size / columnsOf(tile));
  return Math.max(tall, wide, batch.size * parts) <= widest ? { tile, parts } : undefined;
}
