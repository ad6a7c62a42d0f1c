/** The values that a plan stores in its arena one after another: who writes each, who reads it. It refuses to place anything. */

import type { Plan } from "../plan/plan.js";

export interface StoredValue {
  /** The node whose value it is. */
  readonly name: string;
  /** Index into the plan's buffers. */
  readonly buffer: number;
  /** The step that writes it. */
  readonly written: number;
  /** Steps that read it, in order; the number of steps stands for the host, which reads outputs. */
  readonly reads: readonly number[];
  /** The step that writes another value over it; undefined for the last value of a buffer. */
  readonly overwritten?: number;
}

/** Every value of the arena, in the order in which they are written. A buffer holds several, one after another. */
export function storedValues(plan: Plan): StoredValue[] {
  const values: (StoredValue & { readonly reads: number[]; overwritten?: number })[] = [];
  const current = new Map<number, (typeof values)[number]>();
  for (const [step, { buffers, nodes }] of plan.steps.entries()) {
    for (const buffer of new Set(buffers.slice(0, -1))) current.get(buffer)?.reads.push(step);
    const target = buffers.at(-1);
    if (target === undefined || plan.buffers[target]?.space !== "arena") continue;
    const before = current.get(target);
    if (before !== undefined) before.overwritten = step;
    const value = { name: nodes[0] ?? "", buffer: target, written: step, reads: [] };
    values.push(value);
    current.set(target, value);
  }
  for (const { buffer } of plan.outputs) current.get(buffer)?.reads.push(plan.steps.length);
  return values;
}

/** The last step that needs a value. */
export function lastUse({ written, reads }: StoredValue): number {
  return reads.at(-1) ?? written;
}

/** One past the last step at which a value is there: a step that overwrites it in place ends it. */
export function upperOf(value: StoredValue): number {
  return Math.min(value.overwritten ?? Number.POSITIVE_INFINITY, lastUse(value) + 1);
}
