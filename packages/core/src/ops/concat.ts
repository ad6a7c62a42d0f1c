/**
 * Joining tensors along an axis. A kernel with one store per operand reads and writes every element once, however many
 * operands there are; a chain of choices would visit all of them for every element.
 */

import { DTypeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import type { Kernel, Load } from "../kernel/kernel.js";
import type { Affine } from "../lowering/affine.js";
import { divisionsBeside } from "../lowering/division.js";
import { checkAxis, extentOf, normalizeAxis, sizeOf } from "../shape.js";
import { formatType, type TensorType } from "../tensor.js";
import { expandDims } from "./movement.js";
import { sliceAxis } from "./slice.js";

function inferConcat(operands: readonly TensorType[], axis: number): TensorType {
  const [first, ...others] = operands;
  if (first === undefined) throw new ShapeError("expected at least one operand");
  const at = checkAxis(axis, first.shape.length, "concat");
  for (const operand of others) {
    if (operand.dtype !== first.dtype) {
      throw new DTypeError(`operands must share a dtype, not ${first.dtype} and ${operand.dtype}; use cast`);
    }
    const fits = first.shape.every((extent, other) => other === at || extent === operand.shape[other]);
    if (operand.shape.length !== first.shape.length || !fits) {
      throw new ShapeError(
        `${formatType(first)} and ${formatType(operand)} must agree on every axis but ${at}`,
      );
    }
  }
  const joined = operands.reduce((total, operand) => total + extentOf(operand.shape, at), 0);
  return { dtype: first.dtype, shape: first.shape.map((extent, other) => (other === at ? joined : extent)) };
}

/** Where each operand's run starts among the elements that share the leading axes, and how long it is. */
function runs(operands: readonly TensorType[], axis: number): { start: number; length: number }[] {
  let start = 0;
  return operands.map(({ shape }) => {
    const run = { start, length: sizeOf(shape.slice(axis)) };
    start += run.length;
    return run;
  });
}

function concatKernel(operands: readonly TensorType[], axis: number, output: TensorType): Kernel {
  const row = sizeOf(output.shape.slice(axis));
  const at = (stride: number, offset: number): Affine => ({ offset, strides: [stride, 1] });
  return {
    buffers: [
      ...operands.map(({ dtype, shape }) => ({ dtype, size: sizeOf(shape), access: "read" as const })),
      { dtype: output.dtype, size: sizeOf(output.shape), access: "write" },
    ],
    axes: [{ extent: sizeOf(output.shape.slice(0, axis)), order: "parallel" }],
    stages: runs(operands, axis).map(({ start, length }, buffer) => {
      const value: Load = {
        kind: "load",
        dtype: output.dtype,
        buffer,
        offset: at(length, 0),
        indirect: [],
        bounds: [],
        fill: 0,
      };
      const store = { buffer: operands.length, offset: at(row, start), indirect: [], bounds: [], value };
      return { axes: [length], accumulators: [], stores: [store] };
    }),
    aliases: [],
  };
}

function evaluateConcat(
  operands: readonly TensorType[],
  values: readonly Float64Array[],
  axis: number,
  output: TensorType,
): Float64Array {
  const row = sizeOf(output.shape.slice(axis));
  const result = new Float64Array(sizeOf(output.shape));
  for (const [operand, { start, length }] of runs(operands, axis).entries()) {
    const elements = values[operand] ?? new Float64Array();
    for (let outer = 0; outer * length < elements.length; outer++) {
      result.set(elements.subarray(outer * length, (outer + 1) * length), outer * row + start);
    }
  }
  return result;
}

/** Operands of one kernel: backends bind so many buffers at once, and more are joined block by block. */
const widest = 256;

const concatOp: Op = defineOp<readonly string[], { readonly axis: "integer" }>({
  name: "concat",
  doc: "Tensors joined along an axis.",
  operands: ["x"],
  variadic: true,
  attributes: { axis: "integer" },
  notation: "[{x}]",
  infer: (operands, { axis }) => inferConcat(operands, axis),
  lower: (operands, { axis }, output) => ({
    kind: "opaque",
    kernel: () => concatKernel(operands, axis, output),
    evaluate: (values) => evaluateConcat(operands, values, axis, output),
    divisions: divisionsBeside([axis], operands),
  }),
  vjp: ({ operands, attributes: { axis }, adjoint }) => {
    let end = 0;
    return operands.map(({ shape }) => {
      const start = end;
      end += extentOf(shape, axis);
      return sliceAxis(adjoint, axis, start, end);
    });
  },
});

function blocksOf<T>(xs: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(xs.length / widest) }, (_, block) =>
    xs.slice(block * widest, (block + 1) * widest),
  );
}

/** Joins tensors that agree on every axis but this one; any number of them. */
export const concat = opFunction(
  concatOp,
  <Feeds extends string>(xs: readonly Node<Feeds>[], axis = 0): Node<Feeds> => {
    const [first] = xs;
    if (first !== undefined && xs.length === 1) return first;
    if (xs.length > widest)
      return concat(
        blocksOf(xs).map((block) => concat(block, axis)),
        axis,
      );
    return createNode(concatOp, xs, { axis: normalizeAxis(axis, first?.shape.length ?? 0, "concat") });
  },
);

/** Joins tensors of one shape along a new axis. */
export function stack<Feeds extends string>(xs: readonly Node<Feeds>[], axis = 0): Node<Feeds> {
  const rank = (xs[0]?.shape.length ?? 0) + 1;
  const at = normalizeAxis(axis, rank, "stack");
  return concat(
    xs.map((x) => expandDims(x, at)),
    at,
  );
}
