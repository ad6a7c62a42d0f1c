/** ldexp and exponent on groups of lanes, by integer operations on the bits; the same results as on single values. */

import type { FunctionBody } from "../../wasm/function.js";
import type { Vector } from "./register.js";
import { evenWords, registersFor } from "./register.js";
import type { VectorSite } from "./site.js";

function splatWord(body: FunctionBody, value: number): void {
  body.i32(value);
  body.op("i32x4.splat");
}

/** The largest |n| that can matter, the range of one factor, and how 2^n is made of words n. */
const single = { reach: 300, low: -126, high: 127 } as const;
const double = { reach: 2200, low: -1022, high: 1023 } as const;

/** x · 2^c · 2^b · 2^a with n = a + b + c, where a is as much of n as one factor can be, b of what is left. */
export function ldexpVector(site: VectorSite): Vector {
  const { body, lanes, inputs, dtype } = site;
  const bytes = dtype === "float64" ? 8 : 4;
  const registers = site.into ?? registersFor(body, lanes, bytes);
  const rest = body.local("v128");
  const step = body.local("v128");
  const factors = [body.local("v128"), body.local("v128"), body.local("v128")];
  const format = bytes === 8 ? double : single;
  for (const [index, register] of registers.entries()) {
    const wide = bytes === 8;
    body.get(inputs[1]?.registers[index] ?? 0);
    for (const limit of [-format.reach, format.reach]) {
      if (wide) body.f64(limit);
      else body.f32(limit);
      body.op(wide ? "f64x2.splat" : "f32x4.splat");
      body.op(wide ? (limit < 0 ? "f64x2.max" : "f64x2.min") : limit < 0 ? "f32x4.max" : "f32x4.min");
    }
    body.op(wide ? "i32x4.trunc_sat_f64x2_s_zero" : "i32x4.trunc_sat_f32x4_s");
    body.set(rest);
    for (const [position, factor] of factors.entries()) {
      const last = position === factors.length - 1;
      body.get(rest);
      if (!last) {
        splatWord(body, format.low);
        body.op("i32x4.max_s");
        splatWord(body, format.high);
        body.op("i32x4.min_s");
        body.tee(step);
      }
      if (wide) powerOfDouble(body);
      else powerOfSingle(body);
      body.set(factor);
      if (last) continue;
      body.get(rest);
      body.get(step);
      body.op("i32x4.sub");
      body.set(rest);
    }
    body.get(inputs[0]?.registers[index] ?? 0);
    for (let position = factors.length - 1; position >= 0; position--) {
      body.get(factors[position] ?? 0);
      body.op(wide ? "f64x2.mul" : "f32x4.mul");
    }
    body.set(register);
  }
  for (const local of [rest, step, ...factors]) body.release(local);
  return { registers, bytes };
}

function powerOfSingle(body: FunctionBody): void {
  splatWord(body, 127);
  body.op("i32x4.add");
  body.i32(23);
  body.op("i32x4.shl");
}

function powerOfDouble(body: FunctionBody): void {
  splatWord(body, 1023);
  body.op("i32x4.add");
  body.op("i64x2.extend_low_i32x4_s");
  body.i32(52);
  body.op("i64x2.shl");
}

export function exponentVector(site: VectorSite): Vector {
  const { body, lanes, inputs, dtype } = site;
  const bytes = dtype === "float64" ? 8 : 4;
  const registers = site.into ?? registersFor(body, lanes, bytes);
  for (const [index, register] of registers.entries()) {
    const source = inputs[0]?.registers[index] ?? 0;
    if (bytes === 8) exponentOfDouble(body, source);
    else exponentOfSingle(body, source);
    body.set(register);
  }
  return { registers, bytes };
}

/** Leaves on the stack: |x| where it is infinite or NaN, -∞ where it is 0, else the binade as a float. */
function exponentOfSingle(body: FunctionBody, source: number): void {
  const magnitude = body.local("v128");
  const binade = body.local("v128");
  body.get(source);
  body.op("f32x4.abs");
  body.tee(magnitude);

  body.f32(-Infinity);
  body.op("f32x4.splat");
  body.get(magnitude);
  body.i32(23);
  body.op("i32x4.shr_u");
  body.tee(binade);
  splatWord(body, 127);
  body.op("i32x4.sub");
  // A subnormal is m · 2^-149, and m < 2^23 is exact as a float.
  body.get(magnitude);
  body.op("f32x4.convert_i32x4_s");
  body.i32(23);
  body.op("i32x4.shr_u");
  splatWord(body, 127 + 149);
  body.op("i32x4.sub");
  body.get(binade);
  splatWord(body, 0);
  body.op("i32x4.ne");
  body.op("v128.bitselect");
  body.op("f32x4.convert_i32x4_s");
  body.get(magnitude);
  splatWord(body, 0);
  body.op("i32x4.eq");
  body.op("v128.bitselect");

  body.get(binade);
  splatWord(body, 255);
  body.op("i32x4.ge_s");
  body.op("v128.bitselect");
  body.release(magnitude);
  body.release(binade);
}

function exponentOfDouble(body: FunctionBody, source: number): void {
  const magnitude = body.local("v128");
  const binade = body.local("v128");
  const scaled = body.local("v128");
  /** The exponent field of the float64 lanes in a local, as words in the lower half. */
  const field = (local: number): void => {
    const word = body.local("v128");
    body.get(local);
    body.i32(52);
    body.op("i64x2.shr_u");
    body.tee(word);
    body.get(word);
    body.shuffle(evenWords);
    body.release(word);
  };
  const widened = (word: number, value: number): void => {
    body.get(word);
    splatWord(body, value);
    body.op("i32x4.eq");
    body.op("i64x2.extend_low_i32x4_s");
  };
  body.get(source);
  body.op("f64x2.abs");
  body.tee(magnitude);
  body.get(magnitude);
  body.f64(2 ** 54);
  body.op("f64x2.splat");
  body.op("f64x2.mul");
  body.set(scaled);
  field(magnitude);
  body.set(binade);

  body.f64(-Infinity);
  body.op("f64x2.splat");
  field(scaled);
  splatWord(body, 1023 + 54);
  body.op("i32x4.sub");
  body.get(binade);
  splatWord(body, 1023);
  body.op("i32x4.sub");
  body.get(binade);
  splatWord(body, 0);
  body.op("i32x4.eq");
  body.op("v128.bitselect");
  body.op("f64x2.convert_low_i32x4_s");
  body.get(magnitude);
  body.f64(0);
  body.op("f64x2.splat");
  body.op("f64x2.eq");
  body.op("v128.bitselect");

  widened(binade, 2047);
  body.op("v128.bitselect");
  body.release(magnitude);
  body.release(binade);
  body.release(scaled);
}
