/** Code of each primitive operation on single values. An operand may be pushed repeatedly: it is a local or a constant. */

import { dtypes } from "@adjoint/core";
import type { ScalarOp } from "@adjoint/core/kernel";
import type { Plain } from "../../wasm/instructions.js";
import { angleOf } from "./angle.js";
import { farScalar } from "./far.js";
import { type ByDType, type FusedOp, instructionFor, machineOf, type PrimitiveOp } from "./primitive.js";
import { remainderOfFar } from "./remainder.js";
import { exponentScalar, ldexpScalar } from "./scalar-bits.js";
import { castScalar } from "./scalar-cast.js";
import type { EmitScalar, ScalarSite } from "./site.js";

const floats = (f32: Plain, f64: Plain): ByDType => ({ float32: f32, float64: f64 });
const words = (signed: Plain, unsigned: Plain = signed): ByDType => ({ int32: signed, uint32: unsigned });

/** All operands, then one instruction. */
const direct =
  (table: ByDType, arity: 1 | 2 = 2): EmitScalar =>
  ({ body, dtype, push }) => {
    push(0);
    if (arity === 2) push(1);
    body.op(instructionFor(table, dtype));
  };

/** One way for floats, another for integers and bools. */
const either =
  (ofFloats: EmitScalar, ofWords: EmitScalar): EmitScalar =>
  (site) =>
    (dtypes[site.dtype].kind === "float" ? ofFloats : ofWords)(site);

/** The first of two operands where the order holds, else the second. */
const choose =
  (order: ByDType): EmitScalar =>
  ({ body, dtype, push }) => {
    for (const operand of [0, 1, 0, 1]) push(operand);
    body.op(instructionFor(order, dtype));
    body.op("select");
  };

/** A constant operand pushed as one of the operands' type. */
function number({ body, dtype }: ScalarSite, value: number): void {
  const { type } = machineOf(dtype);
  body[type](value);
}

const negate: EmitScalar = (site) => {
  number(site, 0);
  site.push(0);
  site.body.op("i32.sub");
};

/**
 * Integer quotient or remainder without traps: 0 for a divisor of 0. A divisor of -1 is replaced by 1: the remainder
 * is the same, the quotient is negated, which wraps for the lowest integer.
 */
const divide =
  (instructions: ByDType, quotient: boolean): EmitScalar =>
  (site) => {
    const { body, dtype, push } = site;
    const divisor = site.constant(1);
    const instruction = instructionFor(instructions, dtype);
    if (divisor !== undefined && divisor !== 0 && divisor !== -1) {
      push(0);
      push(1);
      body.op(instruction);
      return;
    }
    const signed = dtype === "int32";
    const special = (value: number): void => {
      push(1);
      body.i32(value);
      body.op("i32.eq");
    };
    body.i32(0);
    if (signed && quotient) {
      negate(site);
      safeQuotient();
      special(-1);
      body.op("select");
    } else safeQuotient();
    special(0);
    body.op("select");

    function safeQuotient(): void {
      push(0);
      body.i32(1);
      push(1);
      special(0);
      if (signed) {
        special(-1);
        body.op("i32.or");
      }
      body.op("select");
      body.op(instruction);
    }
  };

const magnitude: EmitScalar = (site) => {
  const { body, dtype, push } = site;
  if (dtype === "uint32") {
    push(0);
    return;
  }
  negate(site);
  push(0);
  push(0);
  number(site, 0);
  body.op("i32.lt_s");
  body.op("select");
};

const bitwise = (instruction: Plain): EmitScalar =>
  direct({ int32: instruction, uint32: instruction, bool: instruction });

export const scalarCode = {
  add: direct({ ...floats("f32.add", "f64.add"), ...words("i32.add") }),
  sub: direct({ ...floats("f32.sub", "f64.sub"), ...words("i32.sub") }),
  mul: direct({ ...floats("f32.mul", "f64.mul"), ...words("i32.mul") }),
  div: either(direct(floats("f32.div", "f64.div")), divide(words("i32.div_s", "i32.div_u"), true)),
  rem: divide(words("i32.rem_s", "i32.rem_u"), false),
  min: either(
    direct(floats("f32.min", "f64.min")),
    choose({ ...words("i32.lt_s", "i32.lt_u"), bool: "i32.lt_u" }),
  ),
  max: either(
    direct(floats("f32.max", "f64.max")),
    choose({ ...words("i32.gt_s", "i32.gt_u"), bool: "i32.gt_u" }),
  ),
  neg: either(direct(floats("f32.neg", "f64.neg"), 1), negate),
  abs: either(direct(floats("f32.abs", "f64.abs"), 1), magnitude),
  floor: direct(floats("f32.floor", "f64.floor"), 1),
  ceil: direct(floats("f32.ceil", "f64.ceil"), 1),
  trunc: direct(floats("f32.trunc", "f64.trunc"), 1),
  round: direct(floats("f32.nearest", "f64.nearest"), 1),
  sqrt: direct(floats("f32.sqrt", "f64.sqrt"), 1),
  ldexp: ldexpScalar,
  exponent: exponentScalar,
  sineAngle: farScalar(angleOf("sine")),
  cosineAngle: farScalar(angleOf("cosine")),
  farRemainder: farScalar(remainderOfFar),
  eq: direct({ ...floats("f32.eq", "f64.eq"), ...words("i32.eq"), bool: "i32.eq" }),
  lt: direct({ ...floats("f32.lt", "f64.lt"), ...words("i32.lt_s", "i32.lt_u") }),
  le: direct({ ...floats("f32.le", "f64.le"), ...words("i32.le_s", "i32.le_u") }),
  and: bitwise("i32.and"),
  or: bitwise("i32.or"),
  xor: bitwise("i32.xor"),
  not: direct({ bool: "i32.eqz" }, 1),
  shl: direct(words("i32.shl")),
  shr: direct(words("i32.shr_s", "i32.shr_u")),
  select: ({ body, push }) => {
    push(1);
    push(2);
    push(0);
    body.op("select");
  },
  cast: castScalar,
  bitcast: ({ body, dtype, result, push }) => {
    push(0);
    if (dtype !== "float32" && result === "float32") body.op("f32.reinterpret_i32");
    if (dtype === "float32" && result !== "float32") body.op("i32.reinterpret_f32");
  },
  madd: ({ body, dtype, push }) => {
    push(0);
    push(1);
    body.op(dtype === "float64" ? "f64.mul" : "f32.mul");
    push(2);
    body.op(dtype === "float64" ? "f64.add" : "f32.add");
  },
} as const satisfies Record<PrimitiveOp, EmitScalar>;

export function isPrimitive(op: ScalarOp | FusedOp): op is PrimitiveOp {
  return Object.hasOwn(scalarCode, op);
}
