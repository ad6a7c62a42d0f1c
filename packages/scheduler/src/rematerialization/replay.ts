/**
 * Carries a schedule out on nothing but the numbers of its declaration. It shares no code with the planners and
 * refuses to trust them.
 */

import { VerificationError } from "@adjoint/core";
import { checkReplay } from "./replay-input.js";

export interface ReplayInput {
  readonly operations: readonly {
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    readonly cost?: number | undefined;
    readonly workspace?: number | undefined;
    readonly overwrites?: readonly number[] | undefined;
    readonly closes?: readonly number[] | undefined;
  }[];
  readonly values: readonly { readonly size: number }[];
  readonly keep?: readonly number[] | undefined;
  readonly schedule: readonly (
    | { readonly kind: "run"; readonly operation: number; readonly takes?: number }
    | { readonly kind: "free"; readonly value: number }
  )[];
}

/**
 * Peak and cost of a schedule. Throws VerificationError, with the step as address, where an operation reads what is not
 * live or writes what is, takes over what it cannot or runs after what closed it, where something is freed that is not
 * live, where an operation never runs, and where not exactly the kept values are live at the end; MemoryInputError for input that
 * is not what it must be.
 */
export function replaySchedule(input: ReplayInput): { peak: number; cost: number } {
  checkReplay(input);
  const { operations, values, keep = [], schedule } = input;
  const written = new Set(operations.flatMap(({ outputs }) => outputs));
  const live = new Set<number>();
  const ran = new Set<number>();
  const closed = new Map<number, number>();
  let bytes = 0;
  let peak = 0;
  let cost = 0;
  for (const [at, step] of schedule.entries()) {
    const fail = (problem: string): never => {
      throw new VerificationError(`schedule[${at}] ${problem}`, `schedule[${at}]`);
    };
    if (step.kind === "free") {
      if (!live.delete(step.value)) fail(`frees value ${step.value}, which is not live`);
      bytes -= values[step.value]?.size ?? 0;
      continue;
    }
    const operation = operations[step.operation];
    if (operation === undefined) return fail(`runs operation ${step.operation}, which does not exist`);
    const closer = closed.get(step.operation);
    if (closer !== undefined) fail(`runs operation ${step.operation} after ${closer}, which closes it`);
    for (const other of operation.closes ?? []) closed.set(other, step.operation);
    for (const value of operation.inputs) {
      if (written.has(value) && !live.has(value)) fail(`reads value ${value}, which is not live`);
    }
    if (step.takes !== undefined) {
      const { takes } = step;
      const room = operation.outputs.some((value) => values[value]?.size === values[takes]?.size);
      const allowed = operation.overwrites?.includes(takes) === true && operation.inputs.includes(takes);
      if (!allowed || !room || keep.includes(takes) || !live.delete(takes))
        fail(`takes over value ${takes}, which it cannot`);
      bytes -= values[takes]?.size ?? 0;
    }
    for (const value of operation.outputs) {
      if (live.has(value)) fail(`writes value ${value}, which is live`);
      live.add(value);
      bytes += values[value]?.size ?? 0;
    }
    peak = Math.max(peak, bytes + (operation.workspace ?? 0));
    cost += operation.cost ?? 0;
    ran.add(step.operation);
  }
  for (const index of operations.keys()) {
    if (!ran.has(index))
      throw new VerificationError(`operations[${index}] never runs`, `operations[${index}]`);
  }
  const kept = new Set(keep.filter((value) => written.has(value)));
  for (const value of new Set([...kept, ...live])) {
    if (kept.has(value) === live.has(value)) continue;
    const problem = kept.has(value) ? "is not live at the end, but kept" : "is live at the end, but not kept";
    throw new VerificationError(`values[${value}] ${problem}`, `values[${value}]`);
  }
  return { peak, cost };
}
