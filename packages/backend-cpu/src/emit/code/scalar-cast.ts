/** Conversions between dtypes, of single values and of vectors. Floats saturate into integers; NaN becomes 0. */

import type { DType } from "@adjoint/core";
import type { Plain } from "../../wasm/instructions.js";
import { type CpuDType, cpuDType, machineOf } from "./primitive.js";
import type { ScalarSite } from "./site.js";

/** The instructions that turn one number type into another; between equal types none. */
const conversions = {
  float32: {
    float64: ["f64.promote_f32"],
    int32: ["i32.trunc_sat_f32_s"],
    uint32: ["i32.trunc_sat_f32_u"],
  },
  float64: {
    float32: ["f32.demote_f64"],
    int32: ["i32.trunc_sat_f64_s"],
    uint32: ["i32.trunc_sat_f64_u"],
  },
  int32: { float32: ["f32.convert_i32_s"], float64: ["f64.convert_i32_s"] },
  uint32: { float32: ["f32.convert_i32_u"], float64: ["f64.convert_i32_u"] },
  bool: { float32: ["f32.convert_i32_u"], float64: ["f64.convert_i32_u"], int32: [], uint32: [] },
} as const satisfies Record<CpuDType, Partial<Record<DType, readonly Plain[]>>>;

/** Between integers: the bound, and the comparison with it by which a value is kept. */
const clamps: Partial<
  Readonly<Record<DType, Partial<Readonly<Record<DType, { bound: number; keeps: Plain }>>>>>
> = {
  int32: { uint32: { bound: 0, keeps: "i32.gt_s" } },
  uint32: { int32: { bound: 0x7fffffff, keeps: "i32.lt_u" } },
};

export function castScalar({ body, dtype, result, push }: ScalarSite): void {
  if (result === "bool" && dtype !== "bool") {
    const { type } = machineOf(dtype);
    push(0);
    body[type](0);
    body.op(`${type}.ne`);
    return;
  }
  push(0);
  const clamp = clamps[dtype]?.[result];
  if (clamp !== undefined) {
    body.i32(clamp.bound);
    push(0);
    body.i32(clamp.bound);
    body.op(clamp.keeps);
    body.op("select");
    return;
  }
  const steps: Partial<Record<DType, readonly Plain[]>> = conversions[cpuDType(dtype)];
  for (const instruction of steps[result] ?? []) body.op(instruction);
}
