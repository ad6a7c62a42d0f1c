/** Offsets in an arena of pages, for targets that have no memory as large as the whole. It refuses to search long. */

import type { AliasClass } from "./lifetimes.js";

type Sized = Pick<AliasClass, "bytes" | "lower" | "upper">;

interface Placed extends Sized {
  readonly offset: number;
}

export interface PagedOffsets {
  /** Bytes, one for each buffer. */
  readonly offsets: readonly number[];
  /** Bytes of the whole. */
  readonly height: number;
}

/** What is placed first: the largest, what takes most for longest, or what is there first. */
const orders: readonly ((a: Sized, b: Sized) => number)[] = [
  (a, b) => b.bytes - a.bytes,
  (a, b) => b.bytes * (b.upper - b.lower) - a.bytes * (a.upper - a.lower),
  (a, b) => a.lower - b.lower,
];

/**
 * Puts each buffer where it first fits, such that none that fits into a page lies in two; the lowest of what a few orders
 * give. A buffer larger than a page begins one.
 */
export function offsetsInPages(buffers: readonly Sized[], page: number): PagedOffsets {
  const [first, ...others] = orders.map((order) => firstFit(buffers, page, order));
  return others.reduce(
    (best, other) => (other.height < best.height ? other : best),
    first ?? { offsets: [], height: 0 },
  );
}

function firstFit(
  buffers: readonly Sized[],
  page: number,
  order: (a: Sized, b: Sized) => number,
): PagedOffsets {
  const placed: Placed[] = [];
  const offsets = buffers.map(() => 0);
  const sequence = [...buffers.entries()].sort(([i, a], [j, b]) => order(a, b) || i - j);
  for (const [index, buffer] of sequence) {
    const offset = lowest(buffer, placed, page);
    offsets[index] = offset;
    if (buffer.bytes === 0) continue;
    const after = placed.findIndex((other) => other.offset > offset);
    placed.splice(after < 0 ? placed.length : after, 0, { ...buffer, offset });
  }
  return { offsets, height: placed.reduce((top, { offset, bytes }) => Math.max(top, offset + bytes), 0) };
}

/** `placed` is in order of offsets. */
function lowest({ bytes, lower, upper }: Sized, placed: readonly Placed[], page: number): number {
  let offset = 0;
  for (const other of placed) {
    if (other.upper <= lower || upper <= other.lower) continue;
    if (offset + bytes <= other.offset) return offset;
    offset = inPage(Math.max(offset, other.offset + other.bytes), bytes, page);
  }
  return offset;
}

/** The first offset from one on at which so many bytes do not reach into another page. */
function inPage(offset: number, bytes: number, page: number): number {
  const start = offset - (offset % page);
  return offset === start || offset + bytes <= start + page ? offset : start + page;
}
