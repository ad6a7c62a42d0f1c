/** Which buffer last wrote each byte of the arena: disjoint segments in order. It refuses to know what buffers hold. */

import type { PlanBuffer } from "../plan.js";

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly owner: number;
}

export class Ownership {
  readonly #segments: Segment[] = [];

  claim(owner: number, { offset: start, bytes }: PlanBuffer): void {
    const end = start + bytes;
    if (start === end) return;
    const from = this.#firstEndingAfter(start);
    let to = from;
    const pieces: Segment[] = [];
    for (; to < this.#segments.length; to++) {
      const segment = this.#segments[to];
      if (segment === undefined || segment.start >= end) break;
      if (segment.start < start) pieces.push({ ...segment, end: start });
      if (segment.end > end) pieces.push({ ...segment, start: end });
    }
    pieces.push({ start, end, owner });
    pieces.sort((a, b) => a.start - b.start);
    this.#segments.splice(from, to - from, ...pieces);
  }

  /** Whether nothing else was written to any byte of a buffer since its owner wrote them. */
  owns(owner: number, { offset, bytes }: PlanBuffer): boolean {
    if (bytes === 0) return true;
    const segment = this.#segments[this.#firstEndingAfter(offset)];
    return (
      segment !== undefined &&
      segment.owner === owner &&
      segment.start <= offset &&
      segment.end >= offset + bytes
    );
  }

  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle]?.end ?? Number.POSITIVE_INFINITY) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
