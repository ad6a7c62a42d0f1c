/**
 * How the operands of a dispatch are bound. A buffer that the dispatch writes into may be bound at several ranges only if all
 * are `read_write` and none overlap; one range is one binding, whatever operands it is. Where a stage has fewer bindings
 * than a kernel has operands, whole chunks are bound as words instead.
 */

import { dtypes, MemoryError } from "@adjoint/core";
import type { Dispatch } from "../dispatch/dispatch.js";
import type { Binding, View } from "../shader/memory.js";
import { storedType } from "../wgsl/types.js";
import type { Range } from "./layout.js";

export interface Bound {
  readonly views: readonly View[];
  readonly bindings: readonly Binding[];
  /** What each binding binds. */
  readonly ranges: readonly Range[];
}

export interface BindLimits {
  readonly bindings: number;
  /** Bytes of a binding. */
  readonly bytes: number;
  /** Bytes of each chunk. */
  readonly chunks: readonly number[];
}

export function bind(
  { kernel, quads }: Pick<Dispatch, "kernel" | "quads">,
  operands: readonly Range[],
  limits: BindLimits,
): Bound {
  const written = new Set<number>();
  for (const [buffer, { access }] of kernel.buffers.entries())
    if (access !== "read") written.add(operands[buffer]?.chunk ?? -1);
  const accessOf = ({ chunk }: Range): Binding["access"] => (written.has(chunk) ? "read_write" : "read");
  const keys = operands.map(({ chunk, offset }) => `${chunk} ${offset}`);
  const distinct = [...new Set(keys)];
  if (distinct.length > limits.bindings) return bindChunks(operands, accessOf, limits);
  const bindings: Binding[] = [];
  const ranges: Range[] = [];
  for (const key of distinct) {
    const members = kernel.buffers.flatMap((buffer, index) =>
      keys[index] === key ? [{ ...buffer, index }] : [],
    );
    const bytes = Math.max(...members.map(({ size, dtype }) => size * dtypes[dtype].bytes));
    const range = operands[members[0]?.index ?? 0] ?? { chunk: 0, offset: 0, bytes: 0 };
    const type = storedType(members[0]?.dtype ?? "float32");
    const uniform = members.every(({ dtype }) => storedType(dtype) === type);
    const width = type === "f16" ? 2 : 4;
    const inQuads = uniform && members.every(({ index }) => quads.has(index)) && bytes % (4 * width) === 0;
    const layout = !uniform ? "words" : inQuads ? "quads" : "elements";
    const size = bytes / (layout === "words" ? 4 : layout === "quads" ? 4 * width : width);
    bindings.push({ layout, access: accessOf(range), type, size: Math.ceil(size) });
    // A range for nothing still has to be one.
    ranges.push({ ...range, bytes: Math.max(16, Math.ceil(bytes / 16) * 16) });
  }
  return { views: keys.map((key) => ({ binding: distinct.indexOf(key), base: 0 })), bindings, ranges };
}

function bindChunks(
  operands: readonly Range[],
  accessOf: (range: Range) => Binding["access"],
  limits: BindLimits,
): Bound {
  const chunks = [...new Set(operands.map(({ chunk }) => chunk))];
  const ranges = chunks.map((chunk): Range => ({ chunk, offset: 0, bytes: limits.chunks[chunk] ?? 0 }));
  const tooLarge = ranges.find(({ bytes }) => bytes > limits.bytes);
  if (tooLarge !== undefined || ranges.length > limits.bindings) {
    throw new MemoryError(
      `A kernel has ${operands.length} operands; this device binds ${limits.bindings} at a time, of at most ${limits.bytes} bytes each.`,
      tooLarge?.bytes ?? 0,
    );
  }
  return {
    views: operands.map(({ chunk, offset }) => ({ binding: chunks.indexOf(chunk), base: offset / 4 })),
    bindings: ranges.map((range) => ({
      layout: "words",
      access: accessOf(range),
      type: "u32",
      size: range.bytes / 4,
    })),
    ranges,
  };
}
