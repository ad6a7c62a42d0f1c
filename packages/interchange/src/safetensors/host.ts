/** Stored tensors as what sessions take: arrays of a dtype, or plain numbers. It refuses to round integers. */

import { DTypeError } from "@adjoint/core";
import type { StoredData, StoredTensor } from "./format.js";

/** The arrays that sessions take and give. */
export type HostData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | Uint16Array;

/** @throws DTypeError for elements that no dtype has. */
export function hostArrayOf(data: StoredData, name: string): HostData {
  if (
    data instanceof BigInt64Array ||
    data instanceof BigUint64Array ||
    data instanceof Int8Array ||
    data instanceof Int16Array
  )
    throw new DTypeError(`"${name}" is stored with a type that no parameter has.`, name);
  return data;
}

/**
 * The elements as numbers, whatever type they are stored with: 16-bit floats are decoded.
 * @throws DTypeError for 64-bit integers beyond 2^53, and for 8-bit floats.
 */
export function numbersOf(
  { dtype, data }: StoredTensor,
  name: string,
): Float32Array | Float64Array | number[] {
  if (dtype === "float8_e4m3" || dtype === "float8_e5m2")
    throw new DTypeError(`"${name}" is stored as ${dtype}, which cannot be decoded.`, name);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return Array.from(data, (element, index) => exact(element, `${name}[${index}]`));
  if (dtype === "float16") return Float32Array.from(data, fromHalf);
  if (dtype === "bfloat16") return fromBrain(data);
  return data instanceof Float32Array || data instanceof Float64Array ? data : Array.from(data);
}

function exact(element: bigint, place: string): number {
  const value = Number(element);
  if (Number.isSafeInteger(value)) return value;
  throw new DTypeError(`${place} is ${element}, beyond what a number holds exactly.`, place);
}

/** The value of IEEE 754 binary16 bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16 is the upper half of a float32. */
function fromBrain(bits: ArrayLike<number>): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
