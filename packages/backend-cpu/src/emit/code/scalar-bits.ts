/** ldexp and exponent by integer operations on the bits of floats, exact over the whole range. */

import type { FunctionBody } from "../../wasm/function.js";
import type { ScalarSite } from "./site.js";

/** The float64 format; a float32 is scaled in it, where every product with a power of two that matters is exact. */
const mantissa = 52;
const bias = 1023;

/** On the stack an i32 n with -1022 ≤ n ≤ 1023; leaves 2^n as f64. */
function power(body: FunctionBody): void {
  body.i32(bias);
  body.op("i32.add");
  body.op("i64.extend_i32_s");
  body.i64(mantissa);
  body.op("i64.shl");
  body.op("f64.reinterpret_i64");
}

export function ldexpScalar(site: ScalarSite): void {
  if (site.dtype === "float64") ldexpDouble(site);
  else ldexpSingle(site);
}

function ldexpSingle({ body, push }: ScalarSite): void {
  push(0);
  body.op("f64.promote_f32");
  push(1);
  body.f32(-400);
  body.op("f32.max");
  body.f32(400);
  body.op("f32.min");
  body.op("i32.trunc_sat_f32_s");
  power(body);
  body.op("f64.mul");
  body.op("f32.demote_f64");
}

/**
 * x · 2^c · 2^b · 2^a with n = a + b + c, where a is as much of n as one factor can be, b of what is left.
 * Only the last product can be subnormal without being 0 in the end, so there is a single rounding.
 */
function ldexpDouble({ body, push }: ScalarSite): void {
  const rest = body.local("i32");
  const step = body.local("i32");
  const factors = [body.local("f64"), body.local("f64")];
  push(1);
  body.f64(-2200);
  body.op("f64.max");
  body.f64(2200);
  body.op("f64.min");
  body.op("i32.trunc_sat_f64_s");
  body.set(rest);
  for (const factor of factors) {
    clamp(body, rest, 1 - bias, bias);
    body.tee(step);
    power(body);
    body.set(factor);
    body.get(rest);
    body.get(step);
    body.op("i32.sub");
    body.set(rest);
  }
  push(0);
  body.get(rest);
  power(body);
  body.op("f64.mul");
  for (let position = factors.length - 1; position >= 0; position--) {
    body.get(factors[position] ?? 0);
    body.op("f64.mul");
  }
  for (const local of [rest, step, ...factors]) body.release(local);
}

function clamp(body: FunctionBody, local: number, low: number, high: number): void {
  const raised = body.local("i32");
  const limit = (value: number, bound: number, order: "i32.gt_s" | "i32.lt_s"): void => {
    body.get(value);
    body.i32(bound);
    body.get(value);
    body.i32(bound);
    body.op(order);
    body.op("select");
  };
  limit(local, low, "i32.gt_s");
  body.set(raised);
  limit(raised, high, "i32.lt_s");
  body.release(raised);
}

export function exponentScalar(site: ScalarSite): void {
  if (site.dtype === "float64") exponentDouble(site);
  else exponentSingle(site);
}

function exponentSingle({ body, push }: ScalarSite): void {
  const magnitude = body.local("i32");
  push(0);
  body.op("f32.abs");
  push(0);
  body.op("i32.reinterpret_f32");
  body.i32(0x7fffffff);
  body.op("i32.and");
  body.set(magnitude);

  body.f32(-Infinity);
  body.get(magnitude);
  body.i32(23);
  body.op("i32.shr_u");
  body.i32(127);
  body.op("i32.sub");
  // A subnormal is m · 2^-149 with m < 2^23.
  body.i32(31 - 149);
  body.get(magnitude);
  body.op("i32.clz");
  body.op("i32.sub");
  body.get(magnitude);
  body.i32(0x800000);
  body.op("i32.ge_u");
  body.op("select");
  body.op("f32.convert_i32_s");
  body.get(magnitude);
  body.op("i32.eqz");
  body.op("select");

  body.get(magnitude);
  body.i32(0x7f800000);
  body.op("i32.ge_u");
  body.op("select");
  body.release(magnitude);
}

function exponentDouble({ body, push }: ScalarSite): void {
  const magnitude = body.local("i64");
  const binade = body.local("i32");
  push(0);
  body.op("f64.abs");
  push(0);
  body.op("f64.abs");
  body.op("i64.reinterpret_f64");
  body.tee(magnitude);
  body.i64(mantissa);
  body.op("i64.shr_u");
  body.op("i32.wrap_i64");
  body.set(binade);

  body.f64(-Infinity);
  body.get(binade);
  body.i32(bias);
  body.op("i32.sub");
  // A subnormal is m · 2^-1074 with m < 2^52.
  body.i32(63 - 1074);
  body.get(magnitude);
  body.op("i64.clz");
  body.op("i32.wrap_i64");
  body.op("i32.sub");
  body.get(binade);
  body.op("select");
  body.op("f64.convert_i32_s");
  body.get(magnitude);
  body.op("i64.eqz");
  body.op("select");

  body.get(binade);
  body.i32(2047);
  body.op("i32.ge_u");
  body.op("select");
  body.release(magnitude);
  body.release(binade);
}
