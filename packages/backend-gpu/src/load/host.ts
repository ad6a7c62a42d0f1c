/** Host arrays as bytes on the device and back. Bools are bytes on the host and words on the device. */

import { type DType, DTypeError, ShapeError } from "@adjoint/core";
import { halfBits } from "@adjoint/core/kernel";
import type { HostArray } from "@adjoint/scheduler/plan";
import type { GpuDType } from "../wgsl/types.js";

interface Host {
  readonly name: string;
  is(data: HostArray): boolean;
  of(bytes: ArrayBuffer): HostArray;
}

const hosts = {
  float32: {
    name: "Float32Array",
    is: (data) => data instanceof Float32Array,
    of: (b) => new Float32Array(b),
  },
  float16: { name: "Uint16Array", is: (data) => data instanceof Uint16Array, of: (b) => new Uint16Array(b) },
  int32: { name: "Int32Array", is: (data) => data instanceof Int32Array, of: (b) => new Int32Array(b) },
  uint32: { name: "Uint32Array", is: (data) => data instanceof Uint32Array, of: (b) => new Uint32Array(b) },
  bool: {
    name: "Uint8Array",
    is: (data) => data instanceof Uint8Array,
    of: (b) => Uint8Array.from(new Uint32Array(b)),
  },
} as const satisfies Record<GpuDType, Host>;

function hostOf(dtype: DType, what: string): Host {
  if (dtype === "float64") throw new DTypeError(`${what} is float64, which WebGPU has not.`, what);
  return hosts[dtype];
}

/**
 * Bytes as the device keeps them, a multiple of four, in memory that is not shared: Node 20 crashes on writing from that.
 * @throws DTypeError for an array of another kind, ShapeError for one of another length; `what` names the tensor.
 */
export function toDevice(data: HostArray, dtype: DType, size: number, what: string): Uint8Array<ArrayBuffer> {
  const { name, is } = hostOf(dtype, what);
  if (!is(data))
    throw new DTypeError(`${what} is ${dtype}: give a ${name}, not a ${data.constructor.name}.`, what);
  if (data.length !== size) throw new ShapeError(`${what} has ${size} elements, not ${data.length}.`, what);
  if (dtype === "bool")
    return new Uint8Array(Uint32Array.from(data, (element) => Number(element !== 0)).buffer);
  const { buffer, byteOffset, byteLength } = data;
  if (buffer instanceof ArrayBuffer && byteLength % 4 === 0)
    return new Uint8Array(buffer, byteOffset, byteLength);
  const copy = new Uint8Array(Math.ceil(byteLength / 4) * 4);
  copy.set(new Uint8Array(buffer, byteOffset, byteLength));
  return copy;
}

/** Bytes of an element on the device. */
export function bytesPer(dtype: DType): number {
  return dtype === "float16" ? 2 : 4;
}

/** A fresh host array of bytes read back. */
export function fromDevice(bytes: ArrayBuffer, dtype: DType, what: string): HostArray {
  return hostOf(dtype, what).of(bytes);
}

/** Constants of a plan as a host array of their dtype. */
export function constantArray(dtype: DType, values: readonly number[]): HostArray {
  switch (dtype) {
    case "int32":
      return Int32Array.from(values);
    case "uint32":
      return Uint32Array.from(values);
    case "bool":
      return Uint8Array.from(values);
    case "float16":
      return Uint16Array.from(values, halfBits);
    default:
      return Float32Array.from(values);
  }
}
