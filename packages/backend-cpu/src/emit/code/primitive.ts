/** The scalar operations that have instructions, and the machine types of dtypes. It refuses transcendental functions. */

import { type DType, VerificationError } from "@adjoint/core";
import type { ScalarOp } from "@adjoint/core/kernel";
import type { FunctionBody } from "../../wasm/function.js";
import type { Access, Plain } from "../../wasm/instructions.js";

/** Operations that are written out in others before anything is emitted. */
export type Transcendental =
  | "exp"
  | "exp2"
  | "expm1"
  | "log"
  | "log2"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "tanh"
  | "atan"
  | "atan2"
  | "pow"
  | "erf"
  | "lgamma";

/** a · b + c, rounded once or twice as the engine likes. */
export type FusedOp = "madd";

export type PrimitiveOp = Exclude<ScalarOp, Transcendental> | FusedOp;

/** The index of a function of the module, which is emitted when it is first asked for. */
export type Routines = (key: string, emit: () => FunctionBody) => number;

/** The dtypes this backend has; float16 is refused when a plan is loaded. */
export type CpuDType = Exclude<DType, "float16">;

export type MachineType = "i32" | "f32" | "f64";

interface Machine {
  readonly type: MachineType;
  readonly bytes: 4 | 8;
  readonly load: Access;
  readonly store: Access;
  readonly splat: Plain;
  readonly loadSplat: Access;
}

const word: Machine = {
  type: "i32",
  bytes: 4,
  load: "i32.load",
  store: "i32.store",
  splat: "i32x4.splat",
  loadSplat: "v128.load32_splat",
};

const machines = {
  float32: {
    type: "f32",
    bytes: 4,
    load: "f32.load",
    store: "f32.store",
    splat: "f32x4.splat",
    loadSplat: "v128.load32_splat",
  },
  float64: {
    type: "f64",
    bytes: 8,
    load: "f64.load",
    store: "f64.store",
    splat: "f64x2.splat",
    loadSplat: "v128.load64_splat",
  },
  int32: word,
  uint32: word,
  bool: word,
} as const satisfies Record<CpuDType, Machine>;

export function machineOf(dtype: DType): Machine {
  return machines[cpuDType(dtype)];
}

/** @throws VerificationError for float16: plans for this backend's target have none. */
export function cpuDType(dtype: DType): CpuDType {
  if (dtype === "float16") {
    throw new VerificationError("The CPU backend has no float16: compute in float32.", dtype);
  }
  return dtype;
}

/** One instruction per dtype of the operands. */
export type ByDType = Partial<Readonly<Record<CpuDType, Plain>>>;

export function instructionFor(table: ByDType, dtype: DType): Plain {
  const instruction = table[cpuDType(dtype)];
  if (instruction === undefined) {
    throw new VerificationError(`No instruction like ${Object.values(table)[0]} for ${dtype}.`, dtype);
  }
  return instruction;
}
