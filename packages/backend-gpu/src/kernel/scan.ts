/**
 * A long scan as three kernels: parts accumulate by themselves, what they gave is scanned, and each part is scanned on from what
 * came before it. It refuses to decide how many parts.
 */

import { dtypes } from "@adjoint/core";
import { combines, identityOf, type Kernel, type Load, operation, type Stage } from "@adjoint/core/kernel";
import { type Piece, partAt, partStage, prune, rangeOf } from "./part.js";
import { appendAxis, rewriteStages } from "./rewrite.js";

export interface PartedScan {
  /** Leaves in scratch memory what each part accumulates. */
  readonly partial: Piece;
  /** Scans that. */
  readonly carry: Piece;
  /** Scans each part, from what the parts before it gave. */
  readonly rest: Piece;
  /** The kernel axis of `partial` and `rest` that counts the parts. */
  readonly axis: number;
}

/** Undefined where its only stage is no scan that parts can share. */
export function partScan({ kernel, operands }: Piece, parts: number): PartedScan | undefined {
  const [stage, ...others] = kernel.stages;
  if (stage === undefined || others.length + kernel.aliases.length > 0) return undefined;
  const silent: Stage = { ...stage, stores: [] };
  const parted = partStage({ kernel: { ...kernel, stages: [silent] }, operands }, 0, parts);
  if (parted === undefined) return undefined;
  const { partial, axis, scratch } = parted;
  const points = kernel.axes.reduce((product, { extent }) => product * extent, 1);
  const dtype = stage.accumulators[0]?.value.dtype ?? "float32";
  const size = points * parts * stage.accumulators.length;
  const scanned = rangeOf(scratch.to, size * dtypes[dtype].bytes);
  const load = (buffer: number, k: number): Load => {
    const fill = identityOf(stage.accumulators[k]?.combine ?? "add", dtype);
    return {
      kind: "load",
      dtype,
      buffer,
      offset: partAt(kernel, parts, k, axis),
      indirect: [],
      bounds: [],
      fill,
    };
  };
  const carry: Kernel = {
    buffers: [
      { dtype, size, access: "read" },
      { dtype, size, access: "write" },
    ],
    axes: kernel.axes,
    stages: [
      {
        axes: [parts],
        accumulators: stage.accumulators.map(({ combine }, k) => ({ combine, value: load(0, k) })),
        stores: stage.accumulators.map((_, k) => ({
          buffer: 1,
          offset: partAt(kernel, parts, k, axis),
          indirect: [],
          bounds: [],
          value: { kind: "accumulator", dtype, stage: 0, index: k },
        })),
      },
    ],
    aliases: [],
  };
  const opened = appendAxis(kernel, parts);
  const before = (k: number): Load => {
    const here = load(kernel.buffers.length, k);
    const position = { offset: -1, strides: kernel.axes.map(() => 0).concat(1) };
    const offset = { ...here.offset, offset: here.offset.offset - points };
    return { ...here, offset, bounds: [{ value: position, extent: parts }] };
  };
  const rest: Kernel = {
    ...opened,
    buffers: [...kernel.buffers, { dtype, size, access: "read" }],
    stages: rewriteStages(opened.stages, {
      leaf: (scalar) => {
        if (scalar.kind !== "accumulator") return scalar;
        const combine = stage.accumulators[scalar.index]?.combine ?? "add";
        return operation(combines[combine].op, [before(scalar.index), scalar]);
      },
    }),
    aliases: [],
  };
  return {
    partial,
    axis,
    carry: { kernel: carry, operands: [scratch, scanned] },
    rest: prune({ kernel: rest, operands: [...operands, scanned] }),
  };
}
