/** Temporary. */
export function assignOffsets({
  buffers,
}: {
  buffers: readonly { lower: number; upper: number; size: number }[];
  alignment?: number;
}): {
  offsets: number[];
  height: number;
  lowerBound: number;
  optimal: boolean;
} {
  const offsets = buffers.map(() => 0);
  const order = buffers
    .map((_, i) => i)
    .sort((a, b) => (buffers[b]?.size ?? 0) - (buffers[a]?.size ?? 0) || a - b);
  const placed: number[] = [];
  let height = 0;
  for (const i of order) {
    const b = buffers[i];
    if (b === undefined) continue;
    const others = placed
      .filter((j) => (buffers[j]?.lower ?? 0) < b.upper && (buffers[j]?.upper ?? 0) > b.lower)
      .sort((x, y) => (offsets[x] ?? 0) - (offsets[y] ?? 0));
    let at = 0;
    for (const j of others) {
      if ((offsets[j] ?? 0) >= at + b.size) break;
      at = Math.max(at, (offsets[j] ?? 0) + (buffers[j]?.size ?? 0));
    }
    offsets[i] = at;
    height = Math.max(height, at + b.size);
    placed.push(i);
  }
  return { offsets, height, lowerBound: 0, optimal: false };
}
