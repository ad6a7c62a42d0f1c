/** A space of a plan in spans that a device has memory for, none of which cuts a buffer. It refuses to move anything inside. */

import { MemoryError } from "@adjoint/core";
import type { PlanBuffer } from "@adjoint/scheduler/plan";

export interface Span {
  /** Addresses in the space, in bytes. */
  readonly from: number;
  readonly to: number;
  readonly members: readonly PlanBuffer[];
}

/** As few spans as are found from left to right. @throws MemoryError for buffers that overlap over more than `largest`. */
export function spansOf(buffers: readonly PlanBuffer[], largest: number): Span[] {
  const spans: { from: number; to: number; members: PlanBuffer[] }[] = [];
  for (const island of islandsOf(buffers)) {
    const { from, to, members } = island;
    if (to - from > largest) {
      const what = members
        .map(({ nodes }) => nodes[0] ?? "")
        .slice(0, 3)
        .join(", ");
      throw new MemoryError(
        `${what} share ${to - from} bytes; a buffer of this device has at most ${largest}: plan again for it.`,
        to - from,
      );
    }
    const last = spans.at(-1);
    if (last === undefined || to - last.from > largest) spans.push({ from, to, members: [...members] });
    else {
      last.to = to;
      last.members.push(...members);
    }
  }
  return spans;
}

/** Buffers that overlap directly or through others, in order of addresses. */
function islandsOf(buffers: readonly PlanBuffer[]): Span[] {
  const islands: { from: number; to: number; members: PlanBuffer[] }[] = [];
  for (const buffer of [...buffers].sort((a, b) => a.offset - b.offset)) {
    const [from, to] = [buffer.offset, buffer.offset + buffer.bytes];
    const last = islands.at(-1);
    if (last === undefined || from >= last.to) islands.push({ from, to, members: [buffer] });
    else {
      last.to = Math.max(last.to, to);
      last.members.push(buffer);
    }
  }
  return islands;
}
