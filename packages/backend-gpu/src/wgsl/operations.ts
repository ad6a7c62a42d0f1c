/**
 * The scalar operations as WGSL expressions over named operands, by what they compute with. Transcendental operations are
 * expanded before; division, remainder, extremes and casts keep the meaning that the interpreter gives them.
 */

import type { DType } from "@adjoint/core";
import type { ScalarOp } from "@adjoint/core/kernel";
import { storedType, type ValueType, valueType } from "./types.js";

type Write = (a: string, b: string, c: string) => string;

const infix =
  (operator: string): Write =>
  (a, b) =>
    `${a} ${operator} ${b}`;
const call =
  (name: string): Write =>
  (a) =>
    `${name}(${a})`;
const call2 =
  (name: string): Write =>
  (a, b) =>
    `${name}(${a}, ${b})`;

/** What is written alike for every type. */
const shared = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  neg: (a) => `-${a}`,
  abs: call("abs"),
  eq: infix("=="),
  lt: infix("<"),
  le: infix("<="),
  and: infix("&"),
  or: infix("|"),
  xor: infix("^"),
  not: (a) => `!${a}`,
  select: (a, b, c) => `select(${c}, ${b}, ${a})`,
} as const satisfies Partial<Record<ScalarOp, Write>>;

const floats: Readonly<Partial<Record<ScalarOp, Write>>> = {
  ...shared,
  /** A comparison with itself asks for NaN, which compilers may assume away. */
  eq: (a, b) => (a === b ? `!is_nan(${a})` : `${a} == ${b}`),
  div: infix("/"),
  min: call2("min_f32"),
  max: call2("max_f32"),
  floor: call("floor"),
  ceil: call("ceil"),
  trunc: call("trunc"),
  round: call("round"),
  sqrt: call("sqrt"),
  ldexp: call2("ldexp_f32"),
  exponent: call("exponent_f32"),
  farRemainder: call2("far_remainder_f32"),
  sineAngle: (a) => `angle_f32(${a}, false)`,
  cosineAngle: (a) => `angle_f32(${a}, true)`,
};

const integers = (type: "i32" | "u32"): Readonly<Partial<Record<ScalarOp, Write>>> => ({
  ...shared,
  /** Unsigned integers have no negation of their own. */
  neg: (a) => `${type}(0) - ${a}`,
  div: call2(`div_${type}`),
  rem: call2(`rem_${type}`),
  min: call2("min"),
  max: call2("max"),
  shl: (a, b) => `${a} << (u32(${b}) & 31u)`,
  shr: (a, b) => `${a} >> (u32(${b}) & 31u)`,
});

const tables: Readonly<Record<ValueType, Readonly<Partial<Record<ScalarOp, Write>>>>> = {
  f32: floats,
  i32: integers("i32"),
  u32: integers("u32"),
  bool: { ...shared, xor: infix("!="), min: infix("&"), max: infix("|"), add: infix("|"), mul: infix("&") },
};

/** Conversions by the type they start from and the one they end in. */
const casts: Readonly<Record<ValueType, Readonly<Record<ValueType, (a: string) => string>>>> = {
  f32: { f32: (a) => a, i32: call1("to_i32"), u32: call1("to_u32"), bool: (a) => `!(${a} == 0f)` },
  i32: { f32: call1("f32"), i32: (a) => a, u32: (a) => `u32(max(${a}, 0i))`, bool: (a) => `${a} != 0i` },
  u32: {
    f32: call1("f32"),
    i32: (a) => `i32(min(${a}, 2147483647u))`,
    u32: (a) => a,
    bool: (a) => `${a} != 0u`,
  },
  bool: {
    f32: (a) => `select(0f, 1f, ${a})`,
    i32: (a) => `select(0i, 1i, ${a})`,
    u32: (a) => `select(0u, 1u, ${a})`,
    bool: (a) => a,
  },
};

function call1(name: string): (a: string) => string {
  return (a) => `${name}(${a})`;
}

/** `from` is the dtype of the last operand, `to` the result's. Undefined for an operation that WGSL needs expanded. */
export function writeOperation(
  op: ScalarOp,
  from: DType,
  to: DType,
  operands: readonly string[],
): string | undefined {
  const [a = "", b = "", c = ""] = operands;
  if (op === "cast") return casts[valueType(from)][valueType(to)](a);
  if (op === "bitcast") return `bitcast<${storedType(to)}>(${a})`;
  return tables[valueType(from)][op]?.(a, b, c);
}
