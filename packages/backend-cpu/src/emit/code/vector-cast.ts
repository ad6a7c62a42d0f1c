/** Conversions between dtypes on groups of lanes. Floats saturate into integers; NaN becomes 0. */

import type { DType } from "@adjoint/core";
import type { FunctionBody } from "../../wasm/function.js";
import type { Plain } from "../../wasm/instructions.js";
import { machineOf } from "./primitive.js";
import type { Vector } from "./register.js";
import { converted, highHalf, lowHalves, registersFor } from "./register.js";
import type { VectorSite } from "./site.js";

type Table = Partial<Readonly<Record<DType, Partial<Readonly<Record<DType, Plain>>>>>>;

/** Between 32-bit types: a register becomes a register. */
const words: Table = {
  float32: { int32: "i32x4.trunc_sat_f32x4_s", uint32: "i32x4.trunc_sat_f32x4_u" },
  int32: { float32: "f32x4.convert_i32x4_s" },
  uint32: { float32: "f32x4.convert_i32x4_u" },
};

/** To float64: the lower half of a register becomes a register. */
const widening: Partial<Readonly<Record<DType, Plain>>> = {
  float32: "f64x2.promote_low_f32x4",
  int32: "f64x2.convert_low_i32x4_s",
  uint32: "f64x2.convert_low_i32x4_u",
};

/** From float64: a register becomes the lower half of a register. */
const narrowing: Partial<Readonly<Record<DType, Plain>>> = {
  float32: "f32x4.demote_f64x2_zero",
  int32: "i32x4.trunc_sat_f64x2_s_zero",
  uint32: "i32x4.trunc_sat_f64x2_u_zero",
};

/** What a true lane of a mask becomes. */
const ones = { float32: 1, float64: 1, int32: 1, uint32: 1, bool: 1, float16: 1 } as const;

export function castVector(site: VectorSite): Vector {
  const { dtype, result } = site;
  if (result === dtype) return copy(site);
  if (result === "bool") return nonzero(site);
  if (dtype === "bool") return fromMask(site);
  if (result === "float64") return widen(site, widening[dtype]);
  if (dtype === "float64") return narrow(site, narrowing[result]);
  return eachWord(site, (body, source) => {
    body.get(source);
    const instruction = words[dtype]?.[result];
    if (instruction !== undefined) body.op(instruction);
    else saturate(body, dtype);
  });
}

/** max(x, 0) of a signed and min(x, 2^31 - 1) of an unsigned integer on the stack. */
function saturate(body: FunctionBody, dtype: DType): void {
  body.i32(dtype === "int32" ? 0 : 0x7fffffff);
  body.op("i32x4.splat");
  body.op(dtype === "int32" ? "i32x4.max_s" : "i32x4.min_u");
}

function target({ body, lanes, into }: VectorSite, bytes: 4 | 8): Vector {
  return { registers: into ?? registersFor(body, lanes, bytes), bytes };
}

function eachWord(site: VectorSite, emit: (body: FunctionBody, source: number) => void): Vector {
  const vector = target(site, 4);
  emit(site.body, site.inputs[0]?.registers[0] ?? 0);
  site.body.set(vector.registers[0] ?? 0);
  return vector;
}

function copy(site: VectorSite): Vector {
  const [source] = site.inputs;
  const vector = target(site, source?.bytes ?? 4);
  for (const [index, register] of vector.registers.entries()) {
    site.body.get(source?.registers[index] ?? 0);
    site.body.set(register);
  }
  return vector;
}

function nonzero(site: VectorSite): Vector {
  const { body, dtype } = site;
  const { bytes, splat, type } = machineOf(dtype);
  const vector = target(site, bytes);
  for (const [index, register] of vector.registers.entries()) {
    body.get(site.inputs[0]?.registers[index] ?? 0);
    body[type](0);
    body.op(splat);
    body.op(type === "i32" ? "i32x4.ne" : type === "f32" ? "f32x4.ne" : "f64x2.ne");
    body.set(register);
  }
  return vector;
}

function fromMask(site: VectorSite): Vector {
  const { body, result, lanes, inputs } = site;
  const { bytes, splat, type } = machineOf(result);
  const vector = target(site, bytes);
  converted(body, inputs, lanes, bytes, ([mask]) => {
    for (const [index, register] of vector.registers.entries()) {
      body.get(mask?.registers[index] ?? 0);
      body[type](ones[result]);
      body.op(splat);
      body.op("v128.and");
      body.set(register);
    }
  });
  return vector;
}

function widen(site: VectorSite, instruction: Plain | undefined): Vector {
  const { body } = site;
  const vector = target(site, 8);
  const source = site.inputs[0]?.registers[0] ?? 0;
  for (const [index, register] of vector.registers.entries()) {
    body.get(source);
    if (index === 1) {
      body.get(source);
      body.shuffle(highHalf);
    }
    if (instruction !== undefined) body.op(instruction);
    body.set(register);
  }
  return vector;
}

function narrow(site: VectorSite, instruction: Plain | undefined): Vector {
  const { body } = site;
  const vector = target(site, 4);
  const sources = site.inputs[0]?.registers ?? [];
  for (const source of sources) {
    body.get(source);
    if (instruction !== undefined) body.op(instruction);
  }
  if (sources.length === 2) body.shuffle(lowHalves);
  body.set(vector.registers[0] ?? 0);
  return vector;
}
