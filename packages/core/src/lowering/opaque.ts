/** The pieces of hand-written kernels: buffers, loads and stores at strided positions. It refuses to know any kernel. */

import type { Combine } from "../kernel/combine.js";
import type { Bound, Indirect, KernelBuffer, KernelScalar, Store } from "../kernel/kernel.js";
import { type Shape, sizeOf, stridesOf } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { type Affine, addAffine, scaleAffine, zero } from "./affine.js";

export interface Guards {
  readonly bounds?: readonly Bound[];
  readonly indirect?: readonly Indirect[];
}

/** The element at an offset of a buffer; `fill` (0 unless given) where a guard is violated. */
export function loadAt(
  buffer: number,
  { dtype }: TensorType,
  offset: Affine,
  { bounds = [], indirect = [], fill = 0 }: Guards & { readonly fill?: number } = {},
): KernelScalar {
  return { kind: "load", dtype, fill, buffer, offset, indirect, bounds };
}

/** Stores, or combines, a value at an offset of a buffer, unless a guard is violated. */
export function storeAt(
  buffer: number,
  offset: Affine,
  value: KernelScalar,
  { bounds = [], indirect = [], combine }: Guards & { readonly combine?: Combine | undefined } = {},
): Store {
  return { buffer, offset, indirect, bounds, value, ...(combine === undefined ? {} : { combine }) };
}

/** The final value of an earlier stage's accumulator. */
export function accumulated(stage: number, { dtype }: Pick<TensorType, "dtype">, index = 0): KernelScalar {
  return { kind: "accumulator", dtype, stage, index };
}

/** The row-major offset of a position per axis. */
export function offsetOf(positions: readonly Affine[], shape: Shape): Affine {
  const strides = stridesOf(shape);
  return positions.reduce(
    (total, part, axis) => addAffine(total, scaleAffine(part, strides[axis] ?? 0)),
    zero,
  );
}

export function readBuffer({ dtype, shape }: TensorType): KernelBuffer {
  return { dtype, size: sizeOf(shape), access: "read" };
}

export function writeBuffer({ dtype, shape }: TensorType): KernelBuffer {
  return { dtype, size: sizeOf(shape), access: "write" };
}
