/** A dataflow as plain data, and its check item by item. It refuses to repair anything. */

import { MemoryInputError } from "../memory-input.js";
import type { Dataflow } from "./dataflow.js";
import { type Rows, rowsOf, transpose } from "./rows.js";

export interface DataflowOperation {
  /** Indices of the values it reads. A value that no operation writes is there from the start and costs nothing. */
  readonly inputs: readonly number[];
  /** Indices of the values it writes; a value has one writer at most. */
  readonly outputs: readonly number[];
  /**
   * Bytes needed while it runs beyond its inputs and outputs, a safe integer; 0 by default. When ordering it may be
   * negative, down to minus the outputs: what an output takes over from an input that ends here.
   */
  readonly workspace?: number | undefined;
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
  const size = sizesOf(values);
  const producer = new Int32Array(values.length).fill(-1);
  const outputs: number[][] = [];
  for (let item = 0; item < operations.length; item++) {
    const list = indicesOf(operations[item], item, "outputs", values.length);
    for (const [at, v] of list.entries()) {
      const other = producer[v] ?? -1;
      if (other >= 0)
        refuse("operations", item, `outputs[${at}]`, `is value ${v}, which operation ${other} writes too`);
      producer[v] = item;
    }
    outputs.push(list);
  }
  const inputs: number[][] = [];
  for (let item = 0; item < operations.length; item++) {
    const list = indicesOf(operations[item], item, "inputs", values.length);
    inputs.push([...new Set(list)].filter((v) => (producer[v] ?? -1) >= 0));
  }
  for (let v = 0; v < values.length; v++) if (producer[v] === -1) size[v] = 0;
  const inputRows = rowsOf(inputs);
  const outputRows = rowsOf(outputs);
  return {
    operations: operations.length,
    values: values.length,
    size,
    producer,
    inputs: inputRows,
    outputs: outputRows,
    consumers: transpose(inputRows, values.length),
    kept: keptOf(keep, values.length),
    demand: demandOf(operations, outputRows, size),
  };
}

function sizesOf(values: readonly DataflowValue[]): Float64Array {
  const sizes = new Float64Array(values.length);
  let sum = 0;
  for (let item = 0; item < values.length; item++) {
    const size = values[item]?.size;
    if (size === undefined || !Number.isSafeInteger(size) || size < 0) {
      refuse("values", item, "size", `is ${size}; give a whole number from 0 to 2^53 - 1`);
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
  operation: DataflowOperation | undefined,
  item: number,
  field: "inputs" | "outputs",
  values: number,
): number[] {
  const list = operation?.[field];
  if (!Array.isArray(list)) refuse("operations", item, field, "is missing; give a list of value indices");
  const indices: number[] = [];
  for (let at = 0; at < list.length; at++) {
    const v: unknown = list[at];
    if (typeof v !== "number" || !Number.isInteger(v) || v < 0 || v >= values) {
      refuse(
        "operations",
        item,
        `${field}[${at}]`,
        `is ${String(v)}; give the index of one of the ${values} values`,
      );
    }
    indices.push(v);
  }
  return indices;
}

function demandOf(operations: readonly DataflowOperation[], outputs: Rows, size: Float64Array): Float64Array {
  const demand = new Float64Array(operations.length);
  for (let item = 0; item < operations.length; item++) {
    const workspace = operations[item]?.workspace ?? 0;
    let bytes = 0;
    for (let k = outputs.start[item] ?? 0, end = outputs.start[item + 1] ?? 0; k < end; k++) {
      bytes += size[outputs.items[k] ?? 0] ?? 0;
    }
    if (!Number.isSafeInteger(workspace) || bytes + workspace < 0) {
      refuse("operations", item, "workspace", `is ${workspace}; give a whole number of at least ${-bytes}`);
    }
    demand[item] = bytes + workspace;
  }
  return demand;
}

function keptOf(keep: readonly number[], values: number): Uint8Array {
  const kept = new Uint8Array(values);
  for (let at = 0; at < keep.length; at++) {
    const v = keep[at] ?? -1;
    if (!Number.isInteger(v) || v < 0 || v >= values) {
      throw new MemoryInputError(
        undefined,
        `keep[${at}]`,
        `is ${v}; give the index of one of the ${values} values`,
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
