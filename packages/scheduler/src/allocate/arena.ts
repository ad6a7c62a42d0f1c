/** Where the arena's values are, and what is alive where most is. It refuses to know of other spaces. */

import type { MemoryWitness } from "@adjoint/core";
import type { Target } from "../backend/backend.js";
import { assignChecked } from "../offsets/assign.js";
import type { Meter } from "../offsets/meter.js";
import type { KernelStage } from "../passes/stage.js";
import { type AliasClass, aliasClasses } from "./lifetimes.js";
import { offsetsInPages } from "./pages.js";

export interface Arena {
  readonly classes: readonly AliasClass[];
  /** Bytes, one for each class. */
  readonly offsets: readonly number[];
  /** Bytes of the whole. */
  readonly height: number;
}

/** A capacity says what height is low enough. More than a page of the target is placed page by page. */
export function arenaOf(
  stage: KernelStage,
  { alignment, limits }: Target,
  meter: Meter,
  capacity?: number,
): Arena {
  const classes = aliasClasses(stage, alignment);
  const buffers = classes.map(({ lower, upper, bytes }) => ({ lower, upper, size: bytes }));
  const sizes = Float64Array.from(classes, ({ bytes }) => bytes);
  const { offsets, height } = assignChecked({ buffers, capacity }, sizes, meter);
  if (limits === undefined || height <= limits.pageBytes) return { classes, offsets, height };
  return { classes, ...offsetsInPages(classes, limits.pageBytes) };
}

/** The step at which most is alive, and all that is. */
export function arenaWitness({ steps, values }: KernelStage, { classes }: Arena): MemoryWitness {
  const change = new Float64Array(steps.length + 2);
  for (const { lower, upper, bytes } of classes) {
    change[lower] = (change[lower] ?? 0) + bytes;
    change[upper] = (change[upper] ?? 0) - bytes;
  }
  let live = 0;
  let peak = { bytes: -1, step: 0 };
  for (const [step, difference] of change.entries()) {
    live += difference;
    if (live > peak.bytes) peak = { bytes: live, step };
  }
  return {
    operation: { label: steps[peak.step]?.nodes[0] ?? "the outputs", index: peak.step },
    live: classes
      .filter(({ lower, upper }) => lower <= peak.step && peak.step < upper)
      .map(({ values: shared, bytes }) => {
        const [index] = shared;
        return { label: shared.map((value) => values[value]?.name ?? "").join(", "), index, bytes };
      })
      .sort((a, b) => b.bytes - a.bytes),
  };
}
