/** The closed set of associative combinations of reductions, scans and read-modify-write stores. */

import { type DType, dtypes } from "../dtype.js";
import type { ScalarOp } from "../scalar/operations.js";

export type Combine = "add" | "mul" | "min" | "max" | "and" | "or";

interface CombineInfo {
  readonly op: ScalarOp;
  identity(dtype: DType): number;
}

const lowest = { int32: -2147483648, uint32: 0, bool: 0 } as const;
const highest = { int32: 2147483647, uint32: 4294967295, bool: 1 } as const;

export const combines = {
  add: { op: "add", identity: () => 0 },
  mul: { op: "mul", identity: () => 1 },
  min: { op: "min", identity: (dtype) => extreme(dtype, highest, Infinity) },
  max: { op: "max", identity: (dtype) => extreme(dtype, lowest, -Infinity) },
  and: { op: "and", identity: (dtype) => (dtype === "bool" ? 1 : dtype === "int32" ? -1 : 4294967295) },
  or: { op: "or", identity: () => 0 },
} as const satisfies Record<Combine, CombineInfo>;

function extreme(dtype: DType, table: Record<keyof typeof lowest, number>, ofFloats: number): number {
  return dtype === "int32" || dtype === "uint32" || dtype === "bool" ? table[dtype] : ofFloats;
}

export function isCombine(name: string): name is Combine {
  return Object.hasOwn(combines, name);
}

/** The value that leaves every other unchanged; the result of reducing nothing. */
export function identityOf(combine: Combine, dtype: DType): number {
  return combines[combine].identity(dtype);
}

/** Whether the combination is exact in any order, so that a backend may regroup it freely. */
export function isExact(combine: Combine, dtype: DType): boolean {
  return dtypes[dtype].kind !== "float" || combine === "min" || combine === "max";
}
