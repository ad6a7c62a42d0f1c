/** Checks that a replay is given lists of numbers that refer to each other. It shares no code with the planners. */

import { checkRecord, MemoryInputError } from "../memory-input.js";
import type { ReplayInput } from "./replay.js";

/** @throws MemoryInputError naming the item. */
export function checkReplay(input: ReplayInput): void {
  const lists = new Map<string, unknown>(Object.entries(checkRecord(input)));
  const [operations, values, schedule] = ["operations", "values", "schedule"].map((name) =>
    listOf(lists.get(name), name),
  );
  const items = { operations: operations?.length ?? 0, values: values?.length ?? 0 };
  for (const [item, value] of (values ?? []).entries()) {
    const { size } = fieldsOf(value, `values[${item}]`);
    checkAmount(size, `values[${item}].size`);
  }
  const writers = new Map<unknown, number>();
  for (const [item, operation] of (operations ?? []).entries()) {
    const address = `operations[${item}]`;
    const {
      inputs,
      outputs,
      overwrites = [],
      closes = [],
      cost = 0,
      workspace = 0,
    } = fieldsOf(operation, address);
    for (const [field, list] of Object.entries({ inputs, outputs, overwrites }))
      checkIndices(list, `${address}.${field}`, items.values);
    checkIndices(closes, `${address}.closes`, items.operations);
    for (const [at, value] of listOf(outputs, `${address}.outputs`).entries()) {
      const other = writers.get(value);
      if (other !== undefined) {
        const problem = `is value ${String(value)}, which operation ${other} writes too`;
        throw new MemoryInputError(undefined, `${address}.outputs[${at}]`, problem);
      }
      writers.set(value, item);
    }
    checkAmount(cost, `${address}.cost`);
    checkAmount(workspace, `${address}.workspace`);
  }
  checkIndices(lists.get("keep") ?? [], "keep", items.values);
  for (const [at, step] of (schedule ?? []).entries()) {
    const { kind } = fieldsOf(step, `schedule[${at}]`);
    if (kind !== "run" && kind !== "free")
      throw new MemoryInputError(
        undefined,
        `schedule[${at}].kind`,
        `is ${String(kind)}; give "run" or "free"`,
      );
  }
}

function listOf(list: unknown, address: string): readonly unknown[] {
  if (Array.isArray(list)) return list;
  throw new MemoryInputError(undefined, address, "is no list; give one");
}

function fieldsOf(item: unknown, address: string): Readonly<Partial<Record<string, unknown>>> {
  if (typeof item === "object" && item !== null) return { ...item };
  throw new MemoryInputError(undefined, address, "is no object; give one");
}

function checkAmount(amount: unknown, address: string): void {
  if (typeof amount === "number" && Number.isFinite(amount) && amount >= 0) return;
  throw new MemoryInputError(undefined, address, `is ${String(amount)}; give a finite number of at least 0`);
}

function checkIndices(list: unknown, address: string, count: number): void {
  for (const [at, index] of listOf(list, address).entries()) {
    if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < count) continue;
    const problem = `is ${String(index)}; give an index below ${count}`;
    throw new MemoryInputError(undefined, `${address}[${at}]`, problem);
  }
}
