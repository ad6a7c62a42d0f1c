/** When each value holds something, and which values may share one buffer. It refuses to place anything. */

import { dtypes, sizeOf, type TensorType } from "@adjoint/core";
import { overwrites } from "../lower/alias.js";
import type { BoundStep, KernelStage } from "../passes/stage.js";

/** Values that share one buffer, alive during steps [lower, upper). */
export interface AliasClass {
  readonly values: readonly number[];
  readonly bytes: number;
  readonly lower: number;
  readonly upper: number;
}

/** Bytes that a tensor takes in memory. */
export function alignedBytes({ shape, dtype }: TensorType, alignment: number): number {
  return Math.ceil((sizeOf(shape) * dtypes[dtype].bytes) / alignment) * alignment;
}

/** First step that stores and one past the last that uses each value; outputs live to the end. */
export function lifetimesOf(stage: KernelStage): { lower: number; upper: number }[] {
  const lifetimes = stage.values.map(() => ({ lower: Number.POSITIVE_INFINITY, upper: 0 }));
  for (const [index, step] of stage.steps.entries()) {
    for (const value of step.values) {
      const lifetime = lifetimes[value];
      if (lifetime === undefined) continue;
      lifetime.lower = Math.min(lifetime.lower, index);
      lifetime.upper = index + 1;
    }
  }
  for (const { value } of stage.outputs) {
    const lifetime = lifetimes[value];
    if (lifetime !== undefined) lifetime.upper = stage.steps.length + 1;
  }
  return lifetimes;
}

/** The arena's values, those that a kernel may write in place of a value it is the last to read put into one class. */
export function aliasClasses(stage: KernelStage, alignment: number): AliasClass[] {
  const lifetimes = lifetimesOf(stage);
  const classes = new Map<number, AliasClass>();
  for (const [index, step] of stage.steps.entries()) {
    const written = step.values.at(-1);
    const value = written === undefined ? undefined : stage.values[written];
    const lifetime = written === undefined ? undefined : lifetimes[written];
    if (written === undefined || value?.space !== "arena" || lifetime === undefined) continue;
    const bytes = alignedBytes(value.type, alignment);
    const host = hostOf(step, index, bytes, classes, lifetimes);
    classes.set(
      written,
      host === undefined
        ? { values: [written], bytes, ...lifetime }
        : { ...host, values: [...host.values, written], upper: lifetime.upper },
    );
    for (const member of host?.values ?? []) classes.delete(member);
  }
  return [...classes.values()].sort((a, b) => a.lower - b.lower || (a.values[0] ?? 0) - (b.values[0] ?? 0));
}

/** A dying buffer of the same size among those the kernel allows to overwrite. */
function hostOf(
  step: BoundStep,
  index: number,
  bytes: number,
  classes: ReadonlyMap<number, AliasClass>,
  lifetimes: readonly { readonly upper: number }[],
): AliasClass | undefined {
  const reads = step.values.slice(0, -1);
  const [host] = [...new Set(reads)].flatMap((value) => {
    const found = classes.get(value);
    const places = reads.flatMap((other, read) => (other === value ? [read] : []));
    const dies = lifetimes[value]?.upper === index + 1;
    return found !== undefined && dies && found.bytes === bytes && overwrites(step.kernel, places)
      ? [found]
      : [];
  });
  return host;
}
