/** A dataflow as plain data, and its check item by item. It refuses to repair anything. */

import { checkList, MemoryInputError, shown } from "../memory-input.js";
import { assemble } from "./assemble.js";
import type { Dataflow } from "./dataflow.js";

export interface DataflowOperation {
  /** Indices of the values it reads. A value that no operation writes is there from the start and costs nothing. */
  readonly inputs: readonly number[];
  /** Indices of the values it writes; a value has one writer at most. */
  readonly outputs: readonly number[];
  /** Bytes needed while it runs beyond its inputs and outputs, a safe integer >= 0; 0 by default. */
  readonly workspace?: number | undefined;
  /** Inputs that an output of the same size may take the memory of, where nothing uses them afterwards. */
  readonly overwrites?: readonly number[] | undefined;
  /** Operations that cannot run, or run again, after this one: it destroys what they read. */
  readonly closes?: readonly number[] | undefined;
}

export interface DataflowValue {
  /** Bytes, or any unit: a safe integer >= 0. */
  readonly size: number;
}

export interface DataflowInput {
  readonly operations: readonly DataflowOperation[];
  readonly values: readonly DataflowValue[];
  /** Indices of values that stay live to the end, such as results; without it a value ends with its last reader. */
  readonly keep?: readonly number[] | undefined;
}

/** What planners work on. Throws MemoryInputError. */
export function dataflowOf({ operations, values, keep = [] }: DataflowInput): Dataflow {
  checkList(operations, "operations", "operations");
  checkList(values, "values", "values");
  checkList(keep, "keep", "indices of values");
  const size = sizesOf(values);
  const producer = new Int32Array(values.length).fill(-1);
  const kinds = { one: "values", of: values.length } as const;
  const outputs = operations.map((operation, item) => {
    const list = indicesOf(operation?.outputs, item, "outputs", kinds);
    for (const [at, v] of list.entries()) {
      const other = producer[v] ?? -1;
      if (other >= 0)
        refuse("operations", item, `outputs[${at}]`, `is value ${v}, which operation ${other} writes too`);
      producer[v] = item;
    }
    return list;
  });
  const inputs = operations.map((operation, item) => {
    const list = indicesOf(operation?.inputs, item, "inputs", kinds);
    return [...new Set(list)].filter((v) => (producer[v] ?? -1) >= 0);
  });
  for (let v = 0; v < values.length; v++) if (producer[v] === -1) size[v] = 0;
  const kept = keptOf(keep, values.length);
  for (let v = 0; v < values.length; v++) if (producer[v] === -1) kept[v] = 0;
  return assemble({
    size,
    inputs,
    outputs,
    kept,
    workspace: workspaceOf(operations, Number.MAX_SAFE_INTEGER - size.reduce((sum, bytes) => sum + bytes, 0)),
    overwrites: overwritesOf(operations, inputs, outputs, size, kept),
    closes: operations.map(({ closes = [] }, item) =>
      indicesOf(closes, item, "closes", { one: "operations", of: operations.length }),
    ),
  });
}

function sizesOf(values: readonly DataflowValue[]): Float64Array {
  const sizes = new Float64Array(values.length);
  let sum = 0;
  for (let item = 0; item < values.length; item++) {
    const size = values[item]?.size;
    if (size === undefined || !Number.isSafeInteger(size) || size < 0) {
      refuse("values", item, "size", `is ${shown(size)}; give a whole number from 0 to 2^53 - 1`);
    }
    sum += size;
    if (sum > Number.MAX_SAFE_INTEGER) {
      refuse("values", item, "size", "brings the sum of all sizes beyond 2^53 - 1; count in a larger unit");
    }
    sizes[item] = size;
  }
  return sizes;
}

function indicesOf(
  list: unknown,
  item: number,
  field: "inputs" | "outputs" | "overwrites" | "closes",
  { one, of }: { readonly one: "values" | "operations"; readonly of: number },
): number[] {
  if (!Array.isArray(list)) {
    const problem = list === undefined ? "is missing" : `is ${shown(list)}`;
    return refuse("operations", item, field, `${problem}; give a list of indices`);
  }
  return list.map((index: unknown, at) => {
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= of) {
      const problem = `is ${shown(index)}; give the index of one of the ${of} ${one}`;
      return refuse("operations", item, `${field}[${at}]`, problem);
    }
    return index;
  });
}

/** No more than `most`, so that sums stay exact. */
function workspaceOf(operations: readonly DataflowOperation[], most: number): number[] {
  return operations.map(({ workspace = 0 }, item) => {
    if (!Number.isSafeInteger(workspace) || workspace < 0) {
      const problem = `is ${shown(workspace)}; give a whole number of at least 0`;
      return refuse("operations", item, "workspace", problem);
    }
    if (workspace <= most) return workspace;
    const problem = "and the sizes of all values are beyond 2^53 - 1 together; count in a larger unit";
    return refuse("operations", item, "workspace", problem);
  });
}

/** Those that can be overwritten: written by an operation, not kept, of the size of an output; large ones first. */
function overwritesOf(
  operations: readonly DataflowOperation[],
  inputs: readonly (readonly number[])[],
  outputs: readonly (readonly number[])[],
  size: Float64Array,
  kept: Uint8Array,
): number[][] {
  return operations.map(({ inputs: read, overwrites = [] }, item) => {
    const list = indicesOf(overwrites, item, "overwrites", { one: "values", of: size.length });
    for (const [at, v] of list.entries()) {
      if (!read.includes(v))
        refuse("operations", item, `overwrites[${at}]`, `is value ${v}, which is not one of its inputs`);
    }
    const sizes = new Set(outputs[item]?.map((v) => size[v]));
    return list
      .filter((v) => inputs[item]?.includes(v) && kept[v] === 0 && sizes.has(size[v]))
      .sort((a, b) => (size[b] ?? 0) - (size[a] ?? 0));
  });
}

function keptOf(keep: readonly number[], values: number): Uint8Array {
  const kept = new Uint8Array(values);
  for (let at = 0; at < keep.length; at++) {
    const v = keep[at] ?? -1;
    if (!Number.isInteger(v) || v < 0 || v >= values) {
      throw new MemoryInputError(
        undefined,
        `keep[${at}]`,
        `is ${shown(v)}; give the index of one of the ${values} values`,
      );
    }
    kept[v] = 1;
  }
  return kept;
}

/** Throws MemoryInputError for a field of an item of a list. */
export function refuse(list: string, item: number, field: string, problem: string): never {
  throw new MemoryInputError({ list, item }, field, problem);
}
