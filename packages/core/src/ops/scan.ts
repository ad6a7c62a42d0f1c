/** Kernels and definitions of what runs along one axis in order. It refuses to know derivatives. */

import { type Combine, combines, identityOf } from "../kernel/combine.js";
import type { Kernel, KernelScalar, Load } from "../kernel/kernel.js";
import type { Affine } from "../lowering/affine.js";
import { evaluateScalar } from "../scalar/operations.js";
import { extentOf, type Shape, sizeOf } from "../shape.js";
import type { TensorType } from "../tensor.js";

export interface ScanAttributes {
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

/** The axis scanned as the middle one of three. */
interface Line {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Distance of an element and the next of the scan, and of the first one from the start of its line. */
  readonly step: number;
  readonly first: number;
}

function lineOf(shape: Shape, { axis, reverse }: ScanAttributes): Line {
  const length = extentOf(shape, axis);
  const inner = sizeOf(shape.slice(axis + 1));
  const first = reverse ? (length - 1) * inner : 0;
  return { outer: sizeOf(shape.slice(0, axis)), length, inner, step: reverse ? -inner : inner, first };
}

/** The element that the scan meets `back` steps before the current one; kernel axes are outer, inner and the scan's. */
function elementAt(line: Line, back: number): Affine {
  const offset = line.first - back * line.step;
  return { offset, strides: [line.length * line.inner, 1, line.step] };
}

function load(line: Line, buffer: number, dtype: TensorType["dtype"], back: number, fill: number): Load {
  const before = { value: { offset: -back, strides: [0, 0, 1] }, extent: line.length };
  return {
    kind: "load",
    dtype,
    buffer,
    offset: elementAt(line, back),
    indirect: [],
    bounds: back === 0 ? [] : [before],
    fill,
  };
}

function buffersOf(operands: readonly TensorType[], output: TensorType): Kernel["buffers"] {
  return [
    ...operands.map(({ dtype, shape }) => ({ dtype, size: sizeOf(shape), access: "read" as const })),
    { dtype: output.dtype, size: sizeOf(output.shape), access: "write" },
  ];
}

/** Running combination; `exclusive` leaves the current element out. */
export function cumulationKernel(
  x: TensorType,
  at: ScanAttributes,
  combine: Combine,
  exclusive: boolean,
): Kernel {
  const line = lineOf(x.shape, at);
  const value = load(line, 0, x.dtype, exclusive ? 1 : 0, identityOf(combine, x.dtype));
  const running: KernelScalar = { kind: "accumulator", dtype: x.dtype, stage: 0, index: 0 };
  return {
    buffers: buffersOf([x], x),
    axes: [
      { extent: line.outer, order: "parallel" },
      { extent: line.inner, order: "parallel" },
    ],
    stages: [
      {
        axes: [line.length],
        accumulators: [{ combine, value }],
        stores: [{ buffer: 1, offset: elementAt(line, 0), indirect: [], bounds: [], value: running }],
      },
    ],
    aliases: [],
  };
}

/** y_i = step(y_{i-1}, elements of the operands at i), where y_{-1} is `initial`. */
export function recurrenceKernel(
  operands: readonly TensorType[],
  output: TensorType,
  at: ScanAttributes,
  initial: number,
  step: (previous: KernelScalar, elements: readonly KernelScalar[]) => KernelScalar,
): Kernel {
  const line = lineOf(output.shape, at);
  const previous = load(line, operands.length, output.dtype, 1, initial);
  const elements = operands.map(({ dtype }, buffer) => load(line, buffer, dtype, 0, 0));
  return {
    buffers: buffersOf(operands, output),
    axes: [
      { extent: line.outer, order: "parallel" },
      { extent: line.inner, order: "parallel" },
      { extent: line.length, order: "sequential" },
    ],
    stages: [
      {
        axes: [],
        accumulators: [],
        stores: [
          {
            buffer: operands.length,
            offset: elementAt(line, 0),
            indirect: [],
            bounds: [],
            value: step(previous, elements),
          },
        ],
      },
    ],
    aliases: [],
  };
}

/** y_i = step(y_{i-1}, position of element i) over every line of an axis, in JavaScript numbers. */
export function evaluateRecurrence(
  shape: Shape,
  at: ScanAttributes,
  initial: number,
  step: (previous: number, position: number) => number,
  exclusive = false,
): Float64Array {
  const { outer, length, inner, step: stride, first } = lineOf(shape, at);
  const result = new Float64Array(sizeOf(shape));
  for (let line = 0; line < outer * inner; line++) {
    let position = Math.floor(line / inner) * length * inner + (line % inner) + first;
    let value = initial;
    for (let i = 0; i < length; i++) {
      const next = step(value, position);
      result[position] = exclusive ? value : next;
      value = next;
      position += stride;
    }
  }
  return result;
}

export function evaluateCumulation(
  x: TensorType,
  elements: ArrayLike<number>,
  at: ScanAttributes,
  combine: Combine,
  exclusive: boolean,
): Float64Array {
  const { op } = combines[combine];
  const step = (total: number, position: number): number =>
    evaluateScalar(op, x.dtype, x.dtype, total, elements[position] ?? Number.NaN);
  return evaluateRecurrence(x.shape, at, identityOf(combine, x.dtype), step, exclusive);
}
