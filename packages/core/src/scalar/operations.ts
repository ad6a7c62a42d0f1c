/**
 * The closed set of scalar operations: the whole vocabulary of loop bodies, on every backend.
 * Each entry gives arity, operand and result types, and its meaning on JavaScript numbers.
 * Anything else is a composition of these and does not belong here.
 */

import { type DType, dtypes } from "../dtype.js";
import { cosineAngle, sineAngle } from "./angle.js";
import { farRemainder } from "./remainder.js";
import { erf, lgamma } from "./special.js";

type Domain = "float" | "number" | "integer" | "integerOrBool" | "bool" | "any";

export interface ScalarOperation {
  readonly arity: 1 | 2 | 3;
  /** What operand dtypes are allowed; all (value) operands share one dtype. `select` takes a bool first. */
  readonly domain: Domain;
  /** `same`: the operands' dtype; `bool`; `attribute`: the dtype is given (casts). */
  readonly result: "same" | "bool" | "attribute";
  /** The value before it is wrapped into the result dtype. */
  evaluate(a: number, b: number, c: number): number;
}

const float1 = (evaluate: (a: number) => number): ScalarOperation => ({
  arity: 1,
  domain: "float",
  result: "same",
  evaluate,
});

const compare = (domain: Domain, evaluate: (a: number, b: number) => boolean): ScalarOperation => ({
  arity: 2,
  domain,
  result: "bool",
  evaluate: (a, b) => (evaluate(a, b) ? 1 : 0),
});

const binary = (domain: Domain, evaluate: (a: number, b: number) => number): ScalarOperation => ({
  arity: 2,
  domain,
  result: "same",
  evaluate,
});

/** Round half to even, as IEEE 754 and NumPy do. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const difference = x - floor;
  if (difference < 0.5) return floor === 0 && (x < 0 || Object.is(x, -0)) ? -0 : floor;
  if (difference > 0.5) return floor + 1 === 0 ? -0 : floor + 1;
  const even = floor % 2 === 0 ? floor : floor + 1;
  return even === 0 && x < 0 ? -0 : even;
}

function exponentOf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude === 0 || !Number.isFinite(magnitude)) return magnitude === 0 ? -Infinity : magnitude;
  let exponent = Math.floor(Math.log2(magnitude));
  if (magnitude / 2 ** exponent >= 2) exponent += 1;
  if (magnitude / 2 ** exponent < 1) exponent -= 1;
  return exponent;
}

export const scalarOperations = {
  add: binary("number", (a, b) => a + b),
  sub: binary("number", (a, b) => a - b),
  mul: binary("number", (a, b) => a * b),
  /** Quotient; of integers truncated towards zero, 0 for a divisor of 0. */
  div: binary("number", (a, b) => a / b),
  /** Remainder with the sign of the dividend (C's `%` and `fmod`); of integers 0 for a divisor of 0. */
  rem: binary("number", (a, b) => a % b),
  /** Of |a| ≥ 2^47 |b| the remainder of |a| by |b|; 0 of others, whose quotients take few divisions, and where there is none. */
  farRemainder: binary("float", farRemainder),
  min: binary("number", (a, b) => Math.min(a, b)),
  max: binary("number", (a, b) => Math.max(a, b)),
  /** As IEEE 754: 1 to any power and ±1 to an infinite one are 1, which JavaScript says are NaN. */
  pow: binary("float", (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b)),
  atan2: binary("float", Math.atan2),

  neg: { arity: 1, domain: "number", result: "same", evaluate: (a) => -a },
  abs: { arity: 1, domain: "number", result: "same", evaluate: Math.abs },
  floor: float1(Math.floor),
  ceil: float1(Math.ceil),
  trunc: float1(Math.trunc),
  round: float1(roundHalfEven),
  sqrt: float1(Math.sqrt),
  exp: float1(Math.exp),
  exp2: float1((a) => 2 ** a),
  expm1: float1(Math.expm1),
  log: float1(Math.log),
  log2: float1(Math.log2),
  log1p: float1(Math.log1p),
  sin: float1(Math.sin),
  cos: float1(Math.cos),
  tan: float1(Math.tan),
  /** Of |x| > 2^16 π the angle in [−π/2, π/2] with the sine of x; 0 of others, which are small enough to subtract from. */
  sineAngle: float1(sineAngle),
  /** The same with the cosine of x as its sine. */
  cosineAngle: float1(cosineAngle),
  tanh: float1(Math.tanh),
  atan: float1(Math.atan),
  erf: float1(erf),
  /** Logarithm of |Γ(x)|. */
  lgamma: float1(lgamma),

  /** a · 2^b for an integral b of the same float dtype; saturates to 0 and ∞. */
  ldexp: binary("float", (a, b) => a * 2 ** Math.trunc(b / 2) * 2 ** (b - Math.trunc(b / 2))),
  /** ⌊log2|a|⌋ as a float; −∞ at 0, ∞ at ±∞. */
  exponent: float1(exponentOf),

  eq: compare("any", (a, b) => a === b),
  lt: compare("number", (a, b) => a < b),
  le: compare("number", (a, b) => a <= b),

  and: binary("integerOrBool", (a, b) => a & b),
  or: binary("integerOrBool", (a, b) => a | b),
  xor: binary("integerOrBool", (a, b) => a ^ b),
  not: { arity: 1, domain: "bool", result: "same", evaluate: (a) => (a === 0 ? 1 : 0) },
  /** Shift counts are taken modulo 32. */
  shl: binary("integer", (a, b) => a << b),
  /** Arithmetic on int32, logical on uint32. */
  shr: binary("integer", (a, b) => a >> b),

  /** select(condition, whenTrue, whenFalse); both branches are evaluated, only one is taken. */
  select: { arity: 3, domain: "any", result: "same", evaluate: (a, b, c) => (a !== 0 ? b : c) },
  /** Conversion; float to integer truncates and saturates, NaN becomes 0; to bool is `!= 0`. */
  cast: { arity: 1, domain: "any", result: "attribute", evaluate: (a) => a },
  /** The same 32 bits read as another dtype (float32, int32, uint32). */
  bitcast: { arity: 1, domain: "number", result: "attribute", evaluate: (a) => a },
} as const satisfies Record<string, ScalarOperation>;

export type ScalarOp = keyof typeof scalarOperations;

export function isScalarOp(name: string): name is ScalarOp {
  return Object.hasOwn(scalarOperations, name);
}

function bits(value: number, from: DType, to: DType): number {
  const view = new DataView(new ArrayBuffer(4));
  if (from === "float32") view.setFloat32(0, value);
  else view.setInt32(0, value | 0);
  if (to === "float32") return view.getFloat32(0);
  return to === "uint32" ? view.getUint32(0) : view.getInt32(0);
}

function saturate(value: number, low: number, high: number): number {
  return Number.isNaN(value) ? 0 : Math.max(low, Math.min(high, Math.trunc(value)));
}

/** A JavaScript number as a value of the dtype: casts saturate. Floats keep float64 precision. */
export function convertScalar(value: number, dtype: DType): number {
  switch (dtype) {
    case "int32":
      return saturate(value, -2147483648, 2147483647);
    case "uint32":
      return saturate(value, 0, 4294967295);
    case "bool":
      return value === 0 ? 0 : 1;
    default:
      return value;
  }
}

/**
 * The meaning of one operation, in float64 for floats and modulo 2^32 for integers.
 * `operandDType` is the dtype of the last operand, `dtype` the result's.
 */
export function evaluateScalar(
  op: ScalarOp,
  operandDType: DType,
  dtype: DType,
  a: number,
  b = 0,
  c = 0,
): number {
  if (op === "cast") return convertScalar(a, dtype);
  if (op === "bitcast") return bits(a, operandDType, dtype);
  if (dtypes[operandDType].kind === "float" || op === "select" || op === "not") {
    return scalarOperations[op].evaluate(a, b, c);
  }
  if (op === "mul") return operandDType === "uint32" ? Math.imul(a, b) >>> 0 : Math.imul(a, b);
  if (op === "shr" && operandDType === "uint32") return a >>> b;
  if ((op === "div" || op === "rem") && b === 0) return 0;
  const value = scalarOperations[op].evaluate(a, b, c);
  if (dtype === "bool") return value;
  return dtype === "uint32" ? value >>> 0 : value | 0;
}
