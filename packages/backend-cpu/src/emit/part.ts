/** How a loop over an axis is cut: full tiles, then one smaller tile for the rest. */

export interface Part {
  /** Position of the first tile. */
  readonly base: number;
  /** Number of tiles. */
  readonly count: number;
  /** Positions in a tile. */
  readonly factor: number;
}

/** The parts of an axis, none of them empty. */
export function partsOf(extent: number, factor: number): Part[] {
  const count = Math.floor(extent / factor);
  const rest = extent - count * factor;
  const parts: Part[] = [];
  if (count > 0) parts.push({ base: 0, count, factor });
  if (rest > 0) parts.push({ base: count * factor, count: 1, factor: rest });
  return parts;
}
