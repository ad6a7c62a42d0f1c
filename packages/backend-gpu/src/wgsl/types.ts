/** How dtypes and numbers are written in WGSL. It refuses to know expressions. */

import type { DType } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";

/** The dtypes that a shader can hold; float64 has no WGSL type. */
export type GpuDType = Exclude<DType, "float64">;

interface TypeInfo {
  /** As stored in a buffer. */
  readonly stored: "f32" | "f16" | "i32" | "u32";
  /** As computed with: halves are widened when they are loaded. */
  readonly value: "f32" | "i32" | "u32" | "bool";
}

const types = {
  float32: { stored: "f32", value: "f32" },
  float16: { stored: "f16", value: "f32" },
  int32: { stored: "i32", value: "i32" },
  uint32: { stored: "u32", value: "u32" },
  bool: { stored: "u32", value: "bool" },
} as const satisfies Record<GpuDType, TypeInfo>;

export type ValueType = (typeof types)[GpuDType]["value"];
export type StoredType = (typeof types)[GpuDType]["stored"];

function infoOf(dtype: DType): TypeInfo {
  return dtype === "float64" ? types.float32 : types[dtype];
}

export function valueType(dtype: DType): ValueType {
  return infoOf(dtype).value;
}

export function storedType(dtype: DType): StoredType {
  return infoOf(dtype).stored;
}

/** A finite float32 in WGSL; NaN and infinities, which no constant expression may give, are read from variables. */
function floatLiteral(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "bitcast<f32>(nan_bits)";
  if (rounded === Number.POSITIVE_INFINITY) return "bitcast<f32>(infinity_bits)";
  if (rounded === Number.NEGATIVE_INFINITY) return "-bitcast<f32>(infinity_bits)";
  if (Object.is(rounded, -0)) return "bitcast<f32>(0x80000000u)";
  return `${rounded}f`;
}

const literals: Readonly<Record<ValueType, (value: number) => string>> = {
  f32: floatLiteral,
  i32: (value) => (value === -2147483648 ? "(-2147483647i - 1i)" : `${value}i`),
  u32: (value) => `${value}u`,
  bool: (value) => (value === 0 ? "false" : "true"),
};

/** A constant, saturated into its dtype as everywhere. */
export function literal(value: number, dtype: DType): string {
  return literals[valueType(dtype)](convertScalar(value, dtype));
}
