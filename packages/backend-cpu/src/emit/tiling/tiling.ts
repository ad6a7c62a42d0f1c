/** How a nest is run: order of loops, tiles, lanes. Plain data that strategies produce and the emitter follows. */

import type { Nest } from "../nest/nest.js";
import { bit } from "../nest/node.js";

export interface StageTiling {
  /** The stage's axes, outermost loop first. */
  readonly order: readonly number[];
  /** The axis of this stage whose positions are lanes. */
  readonly lanes: number | undefined;
  /**
   * How float32 sums and products accumulate: `wide` in float64; `blocked` in float32 for about `blockPoints` points,
   * and those blocks in float64.
   */
  readonly accumulation: "wide" | "blocked";
}

export interface Tiling {
  /** The kernel's axes, outermost loop first. */
  readonly order: readonly number[];
  /** Positions of an axis done per iteration; 1 where absent, never more than the extent. */
  readonly factors: ReadonlyMap<number, number>;
  /** The kernel axis whose positions are lanes; then no stage has lanes of its own. */
  readonly lanes: number | undefined;
  /** Lanes in a group: as many as fit a 128-bit register. */
  readonly width: 2 | 4;
  /** One per stage of the nest. */
  readonly stages: readonly StageTiling[];
  /** Position in `stages` of the stage that takes most of the time: what only later stages need is not kept across it. */
  readonly heavy: number | undefined;
}

/** Points summed in float32 before a partial sum is put aside. */
export const blockPoints = 256;

/** Bit set of all axes that are lanes somewhere. */
export function laneAxes(tiling: Tiling): bigint {
  return [tiling, ...tiling.stages].reduce(
    (set, { lanes }) => (lanes === undefined ? set : set | bit(lanes)),
    0n,
  );
}

/** Every axis by itself, one position at a time. */
export function plainTiling(nest: Nest, width: 2 | 4): Tiling {
  return {
    order: nest.axes,
    factors: new Map(),
    lanes: undefined,
    width,
    stages: nest.stages.map((stage) => ({ order: stage.axes, lanes: undefined, accumulation: "wide" })),
    heavy: undefined,
  };
}
