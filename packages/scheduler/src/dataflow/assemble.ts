/** Flat arrays from lists. It refuses to check them. */

import type { Dataflow } from "./dataflow.js";
import { rowsOf, transpose } from "./rows.js";

export interface Parts {
  /** Per value. */
  readonly size: Float64Array;
  readonly kept: Uint8Array;
  /** Per operation; inputs are distinct and produced. */
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly workspace: readonly number[];
  readonly overwrites: readonly (readonly number[])[];
  readonly closes: readonly (readonly number[])[];
}

export function assemble({ size, kept, inputs, outputs, workspace, overwrites, closes }: Parts): Dataflow {
  const waiting = inputs.map((list) => [...list]);
  const written = outputs.map((list) => [...list]);
  let values = size.length;
  for (const [last, list] of closes.entries()) {
    for (const earlier of list) {
      if (earlier === last) continue;
      written[earlier]?.push(values);
      waiting[last]?.push(values++);
    }
  }
  const producer = new Int32Array(values).fill(-1);
  for (const [o, list] of written.entries()) for (const v of list) producer[v] = o;
  const sizes = padded(size, values);
  const inputRows = rowsOf(waiting);
  return {
    operations: inputs.length,
    values,
    size: sizes,
    producer,
    inputs: inputRows,
    outputs: rowsOf(written),
    consumers: transpose(inputRows, values),
    kept: Uint8Array.from({ length: values }, (_, v) => kept[v] ?? 0),
    demand: Float64Array.from(workspace, (bytes, o) =>
      (outputs[o] ?? []).reduce((sum, v) => sum + (size[v] ?? 0), bytes),
    ),
    overwrites: rowsOf(overwrites),
    closes: rowsOf(closes),
  };
}

function padded(list: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(list);
  return longer;
}
