/** How the points of a kernel are spread over threads. It refuses to choose. */

import type { Kernel } from "@adjoint/core/kernel";

/** One of several parts of a stage: the part's number is the coordinate of a kernel axis. */
export interface Part {
  readonly stage: number;
  readonly axis: number;
  readonly parts: number;
}

export interface NestShape {
  /** Points of one workgroup. */
  readonly points: number;
  /** Threads per point, a power of two. */
  readonly lanes: number;
  /** Which of the two neighboring threads differ in. */
  readonly fastest: "points" | "lanes";
  readonly part?: Part;
  readonly wide?: Wide;
}

/**
 * Four neighbors at a time: `points` on the last axis of a kernel's points, each with accumulators of its own; `stages` on the
 * last axis of a stage that lanes share, accumulated together.
 */
export type Wide = "points" | "stages";

/** The axes that become loops inside a thread: from the first sequential one on, where order matters. */
export function loopedAxes({ axes }: Kernel): ReadonlySet<number> {
  const first = axes.findIndex(({ order, extent }) => order === "sequential" && extent > 1);
  return new Set(first < 0 ? [] : axes.map((_, axis) => axis).slice(first));
}
