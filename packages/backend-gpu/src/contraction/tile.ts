/** How a contraction is cut into tiles: one per workgroup, and a smaller one per thread. */

export interface Tile {
  /** Threads of a workgroup along rows and columns. */
  readonly threads: readonly [rows: number, columns: number];
  /** Elements of a thread along rows and columns, multiples of four. */
  readonly each: readonly [rows: number, columns: number];
  /** Inner positions that are in shared memory at a time, a multiple of four. */
  readonly depth: number;
}

export const large: Tile = { threads: [16, 16], each: [8, 4], depth: 16 };
export const medium: Tile = { threads: [16, 16], each: [4, 4], depth: 16 };
export const small: Tile = { threads: [8, 8], each: [4, 4], depth: 16 };

/** Tiles for results with few columns, or few rows: as many as they have, in steps, and 128 of the others. */
export const thin: readonly Tile[] = [2, 4].map((few) => ({ threads: [32, few], each: [4, 4], depth: 8 }));
export const flat: readonly Tile[] = [2, 4].map((few) => ({ threads: [few, 32], each: [4, 4], depth: 8 }));

export function rowsOf({ threads, each }: Tile): number {
  return threads[0] * each[0];
}

export function columnsOf({ threads, each }: Tile): number {
  return threads[1] * each[1];
}

/** Bytes of shared memory. */
export function sharedBytes(tile: Tile): number {
  return 4 * tile.depth * (rowsOf(tile) + 4 + columnsOf(tile) + 4);
}
