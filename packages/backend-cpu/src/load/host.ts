/** Host arrays of each dtype, and bools between their bytes on the host and their words in memory. */

import { type DType, DTypeError, ShapeError } from "@adjoint/core";
import type { HostArray } from "@adjoint/scheduler/plan";
import { type CpuDType, cpuDType } from "../emit/code/primitive.js";

/** Elements of a tensor where they lie in the memory. */
export type MemoryArray = Float32Array | Float64Array | Int32Array | Uint32Array;

const views = {
  float32: (buffer, offset, size) => new Float32Array(buffer, offset, size),
  float64: (buffer, offset, size) => new Float64Array(buffer, offset, size),
  int32: (buffer, offset, size) => new Int32Array(buffer, offset, size),
  uint32: (buffer, offset, size) => new Uint32Array(buffer, offset, size),
  bool: (buffer, offset, size) => new Uint32Array(buffer, offset, size),
} as const satisfies Record<CpuDType, (buffer: ArrayBufferLike, offset: number, size: number) => MemoryArray>;

const hosts = {
  float32: { name: "Float32Array", is: (data: HostArray) => data instanceof Float32Array },
  float64: { name: "Float64Array", is: (data: HostArray) => data instanceof Float64Array },
  int32: { name: "Int32Array", is: (data: HostArray) => data instanceof Int32Array },
  uint32: { name: "Uint32Array", is: (data: HostArray) => data instanceof Uint32Array },
  bool: { name: "Uint8Array", is: (data: HostArray) => data instanceof Uint8Array },
} as const satisfies Record<CpuDType, { name: string; is: (data: HostArray) => boolean }>;

export function viewOf(buffer: ArrayBufferLike, dtype: DType, offset: number, size: number): MemoryArray {
  return views[cpuDType(dtype)](buffer, offset, size);
}

/**
 * Copies a host array into memory.
 * @throws DTypeError for an array of another kind, ShapeError for one of another length; `what` names the tensor.
 */
export function writeArray(view: MemoryArray, dtype: DType, data: HostArray, what: string): void {
  const { name, is } = hosts[cpuDType(dtype)];
  if (!is(data))
    throw new DTypeError(`${what} is ${dtype}: give a ${name}, not a ${data.constructor.name}.`, what);
  if (data.length !== view.length) {
    throw new ShapeError(`${what} has ${view.length} elements, not ${data.length}.`, what);
  }
  if (dtype !== "bool") {
    view.set(data);
    return;
  }
  for (let i = 0; i < view.length; i++) view[i] = data[i] === 0 ? 0 : 1;
}

/** A fresh host array. */
export function readArray(view: MemoryArray, dtype: DType): HostArray {
  return dtype === "bool" ? Uint8Array.from(view) : view.slice();
}
