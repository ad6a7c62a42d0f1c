/** One function per scalar operation, for writing loop bodies. Numbers take the dtype of the other operand. */

import type { DType } from "../dtype.js";
import type { ScalarOp } from "./operations.js";
import { constant, operation, type Scalar } from "./scalar.js";

interface Leaf {
  readonly dtype: DType;
  readonly kind: string;
}
type Value<L> = Scalar<L> | number;

function lift<L extends Leaf>(value: Value<L>, like: Value<L>): Scalar<L> {
  if (typeof value !== "number") return value;
  return constant(value, typeof like === "number" ? "float32" : like.dtype);
}

const unary =
  (op: ScalarOp) =>
  <L extends Leaf>(a: Scalar<L>): Scalar<L> =>
    operation(op, [a]);

const binary =
  (op: ScalarOp) =>
  <L extends Leaf>(a: Value<L>, b: Value<L>): Scalar<L> =>
    operation(op, [lift(a, b), lift(b, a)]);

export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
export const rem = binary("rem");
export const farRemainder = binary("farRemainder");
export const min = binary("min");
export const max = binary("max");
export const pow = binary("pow");
export const atan2 = binary("atan2");
export const ldexp = binary("ldexp");
export const eq = binary("eq");
export const lt = binary("lt");
export const le = binary("le");
export const and = binary("and");
export const or = binary("or");
export const xor = binary("xor");
export const shl = binary("shl");
export const shr = binary("shr");

export const neg = unary("neg");
export const abs = unary("abs");
export const floor = unary("floor");
export const ceil = unary("ceil");
export const trunc = unary("trunc");
export const round = unary("round");
export const sqrt = unary("sqrt");
export const exp = unary("exp");
export const exp2 = unary("exp2");
export const expm1 = unary("expm1");
export const log = unary("log");
export const log2 = unary("log2");
export const log1p = unary("log1p");
export const sin = unary("sin");
export const cos = unary("cos");
export const tan = unary("tan");
export const sineAngle = unary("sineAngle");
export const cosineAngle = unary("cosineAngle");
export const tanh = unary("tanh");
export const atan = unary("atan");
export const erf = unary("erf");
export const lgamma = unary("lgamma");
export const exponent = unary("exponent");
export const not = unary("not");

export function ne<L extends Leaf>(a: Value<L>, b: Value<L>): Scalar<L> {
  return not(eq(a, b));
}
export function gt<L extends Leaf>(a: Value<L>, b: Value<L>): Scalar<L> {
  return lt(b, a);
}
export function ge<L extends Leaf>(a: Value<L>, b: Value<L>): Scalar<L> {
  return le(b, a);
}
export function select<L extends Leaf>(condition: Scalar<L>, a: Value<L>, b: Value<L>): Scalar<L> {
  return operation("select", [condition, lift(a, b), lift(b, a)]);
}
export function cast<L extends Leaf>(a: Scalar<L>, dtype: DType): Scalar<L> {
  return a.dtype === dtype ? a : operation("cast", [a], dtype);
}
export function bitcast<L extends Leaf>(a: Scalar<L>, dtype: DType): Scalar<L> {
  return a.dtype === dtype ? a : operation("bitcast", [a], dtype);
}
/** Polynomial Σ coefficients[k] x^k by Horner's rule. */
export function polynomial<L extends Leaf>(x: Scalar<L>, coefficients: readonly number[]): Scalar<L> {
  let sum: Scalar<L> = constant(coefficients.at(-1) ?? 0, x.dtype);
  for (let k = coefficients.length - 2; k >= 0; k--) sum = add(mul(sum, x), coefficients[k] ?? 0);
  return sum;
}
