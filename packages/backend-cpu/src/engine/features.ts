/** What the engine can do beyond 128-bit SIMD, as far as generated code depends on it. Plain data; it refuses to detect. */

export interface Features {
  /** Fused multiply-add (`relaxed_madd`). */
  readonly relaxedSimd: boolean;
  /** Pairs of neighboring 128-bit operations run as one of 256 bits. */
  readonly wide: boolean;
  /** Rows and columns of sums that the engine keeps in registers while it multiplies matrices. */
  readonly tile: Tile;
}

/** How work is divided among threads. */
export interface Division {
  readonly threads: number;
  /** Values computed by a kernel from which on all threads do a part of it. */
  readonly from: number;
}

export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Whether its sums use the fused multiply-add. */
  readonly fused: boolean;
  /** Points that a round of the loop can do before values spill. */
  readonly points: 1 | 4;
}

/** The tile that keeps most multiply-adds in flight per load before values spill, as measured. */
export const tiles = {
  plain: { rows: 4, columns: 8, fused: false, points: 1 },
  /** Where relaxed SIMD has to be unlocked. */
  unlocked: { rows: 4, columns: 8, fused: true, points: 1 },
  /** Engines that have relaxed SIMD as a matter of course allocate registers better than their predecessors. */
  relaxed: { rows: 6, columns: 8, fused: true, points: 4 },
  wide: { rows: 6, columns: 16, fused: true, points: 4 },
} as const satisfies Record<string, Tile>;
