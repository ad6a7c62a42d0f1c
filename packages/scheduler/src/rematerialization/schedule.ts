/** From a sequence of executions to the list of what is run and freed, and what is live at its peak. It refuses to plan. */

import type { MemoryWitness } from "@adjoint/core";
import type { Dataflow } from "../dataflow/dataflow.js";
import { rowOf } from "../dataflow/rows.js";

/** One entry of a schedule. */
export type ScheduleStep =
  /** Runs an operation: its inputs are live, its outputs become live, one of them in the memory of `takes`, which ends. */
  | { readonly kind: "run"; readonly operation: number; readonly takes?: number }
  /** Ends a value that is live. Running its writer again makes it live again. */
  | { readonly kind: "free"; readonly value: number };

/**
 * Every value is freed right after what touches it last before it is written again; kept ones stay at the end. `declared`
 * counts the values of the declaration.
 */
export function scheduleOf(flow: Dataflow, sequence: Int32Array, declared: number): ScheduleStep[] {
  const ends = endsOf(flow, sequence);
  const steps: ScheduleStep[] = [];
  for (const [p, operation] of sequence.entries()) {
    const ended = (ends[p] ?? []).filter((value) => value < declared);
    const takes = takenBy(flow, operation, ended);
    steps.push({ kind: "run", operation, ...(takes === undefined ? {} : { takes }) });
    for (const value of ended) if (value !== takes) steps.push({ kind: "free", value });
  }
  return steps;
}

/** Which of the values that end with an operation it takes over. */
function takenBy({ overwrites }: Dataflow, operation: number, ended: readonly number[]): number | undefined {
  return rowOf(overwrites, operation).find((value) => ended.includes(value));
}

/** Per position, the values that end there. */
function endsOf({ inputs, outputs, values, kept }: Dataflow, sequence: Int32Array): number[][] {
  const touched = new Int32Array(values).fill(-1);
  const ends: number[][] = Array.from(sequence, () => []);
  for (const [p, o] of sequence.entries()) {
    for (let k = inputs.start[o] ?? 0, end = inputs.start[o + 1] ?? 0; k < end; k++) {
      touched[inputs.items[k] ?? 0] = p;
    }
    for (let k = outputs.start[o] ?? 0, end = outputs.start[o + 1] ?? 0; k < end; k++) {
      const v = outputs.items[k] ?? 0;
      ends[touched[v] ?? -1]?.push(v);
      touched[v] = p;
    }
  }
  for (let v = 0; v < values; v++) if (kept[v] === 0) ends[touched[v] ?? -1]?.push(v);
  return ends;
}

/** What is live where the sequence first needs most. */
export function peakWitness(flow: Dataflow, sequence: Int32Array): MemoryWitness {
  const ends = endsOf(flow, sequence);
  const sum = (list: Iterable<number>): number => {
    let bytes = 0;
    for (const v of list) bytes += flow.size[v] ?? 0;
    return bytes;
  };
  let live = 0;
  let most = { at: 0, bytes: -1 };
  for (const [p, o] of sequence.entries()) {
    const taken = takenBy(flow, o, ends[p] ?? []) ?? -1;
    const bytes = live + (flow.demand[o] ?? 0) - (flow.size[taken] ?? 0);
    if (bytes > most.bytes) most = { at: p, bytes };
    live += sum(rowOf(flow.outputs, o)) - sum(ends[p] ?? []);
  }
  const values = new Set<number>();
  for (let p = 0; p <= most.at; p++) {
    for (const v of rowOf(flow.outputs, sequence[p] ?? 0)) values.add(v);
    if (p < most.at) for (const v of ends[p] ?? []) values.delete(v);
  }
  const operation = sequence[most.at] ?? 0;
  const entries: { label: string; index: number | undefined; bytes: number }[] = [];
  for (const v of values) entries.push({ label: `values[${v}]`, index: v, bytes: flow.size[v] ?? 0 });
  entries.push({ label: "workspace", index: undefined, bytes: most.bytes - sum(values) });
  return {
    operation: { label: `operations[${operation}]`, index: operation },
    live: entries.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
  };
}
