/**
 * Code of each primitive operation on one group of lanes. A group of 32-bit values is one register, of 64-bit values one
 * register per two lanes. Bools are masks as wide as what was compared. Lanes past the end hold anything.
 */

import { dtypes } from "@adjoint/core";
import type { Plain } from "../../wasm/instructions.js";
import { angleOf } from "./angle.js";
import { farVector } from "./far.js";
import { type ByDType, instructionFor, machineOf, type PrimitiveOp } from "./primitive.js";
import type { Vector } from "./register.js";
import { converted, registersFor } from "./register.js";
import { remainderOfFar } from "./remainder.js";
import { scalarCode } from "./scalar.js";
import type { EmitVector, VectorSite } from "./site.js";
import { exponentVector, ldexpVector } from "./vector-bits.js";
import { castVector } from "./vector-cast.js";

/** One instruction on each register of the operands. */
export function eachRegister(
  { body, inputs, lanes, into }: VectorSite,
  bytes: 4 | 8,
  instruction: Plain | undefined,
  operands: readonly Vector[] = inputs,
): Vector {
  const registers = into ?? registersFor(body, lanes, bytes);
  for (const [index, register] of registers.entries()) {
    for (const operand of operands) body.get(operand.registers[index] ?? 0);
    if (instruction !== undefined) body.op(instruction);
    body.set(register);
  }
  return { registers, bytes };
}

const floats = (f32: Plain, f64: Plain): ByDType => ({ float32: f32, float64: f64 });
const words = (signed: Plain, unsigned: Plain = signed): ByDType => ({ int32: signed, uint32: unsigned });

const direct =
  (table: ByDType): EmitVector =>
  (site) =>
    eachRegister(site, machineOf(site.dtype).bytes, instructionFor(table, site.dtype));

/** Operations on the bits of masks and integers; masks of different width are brought to that of the first. */
const bitwise =
  (instruction: Plain): EmitVector =>
  (site) => {
    const bytes = site.inputs[0]?.bytes ?? 4;
    return converted(site.body, site.inputs, site.lanes, bytes, (inputs) =>
      eachRegister(site, bytes, instruction, inputs),
    );
  };

/** A copy: operations that change nothing. */
const same: EmitVector = (site) => eachRegister(site, machineOf(site.dtype).bytes, undefined);

/** The scalar operation on each lane in turn. */
const perLane =
  (op: "div" | "rem" | "shl" | "shr"): EmitVector =>
  ({ body, lanes, dtype, result, inputs, uniform, routine, into }) => {
    const registers = registersFor(body, lanes, 4);
    const [register = 0] = registers;
    for (let lane = 0; lane < lanes; lane++) {
      if (lane > 0) body.get(register);
      const push = (operand: number): void => {
        const [source] = inputs[operand]?.registers ?? [];
        if (source === undefined) {
          uniform(operand)?.();
          return;
        }
        body.get(source);
        body.lane("i32x4.extract_lane", lane);
      };
      scalarCode[op]({ body, dtype, result, push, constant: () => undefined, routine });
      if (lane === 0) body.op("i32x4.splat");
      else body.lane("i32x4.replace_lane", lane);
      body.set(register);
    }
    const [target] = into ?? [];
    if (target === undefined) return { registers, bytes: 4 };
    body.get(register);
    body.set(target);
    body.release(register);
    return { registers: [target], bytes: 4 };
  };

/** By one instruction where all lanes are shifted alike. */
const shift =
  (op: "shl" | "shr", table: ByDType): EmitVector =>
  (site) => {
    const count = site.uniform(1);
    if (count === undefined) return perLane(op)(site);
    const { body, lanes, dtype, inputs } = site;
    const registers = site.into ?? registersFor(body, lanes, 4);
    const [register = 0] = registers;
    body.get(inputs[0]?.registers[0] ?? 0);
    count();
    body.op(instructionFor(table, dtype));
    body.set(register);
    return { registers, bytes: 4 };
  };

const bounds = {
  min: floats("f32x4.pmin", "f64x2.pmin"),
  max: floats("f32x4.pmax", "f64x2.pmax"),
} as const;

/**
 * min or max of a float and a constant by one comparison, which keeps the other operand where that is NaN: engines take eight
 * instructions where either may be NaN, or zeros of different signs. Undefined where those matter.
 */
function bounded(site: VectorSite, op: keyof typeof bounds): Vector | undefined {
  const at = [1, 0].find((position) => site.constant(position) !== undefined);
  const bound = at === undefined ? undefined : site.constant(at);
  const [x, limit] = [site.inputs[1 - (at ?? 0)], site.inputs[at ?? 0]];
  if (bound === undefined || x === undefined || limit === undefined) return undefined;
  if (dtypes[site.dtype].kind !== "float" || Number.isNaN(bound)) return undefined;
  if (op === "min" && Object.is(bound, -0)) return undefined;
  const kept = eachRegister(site, x.bytes, instructionFor(bounds[op], site.dtype), [x, limit]);
  if (op === "min" || !Object.is(bound, 0)) return kept;
  // −0 stays beside 0, but their sum is 0.
  return eachRegister(
    { ...site, into: kept.registers },
    x.bytes,
    instructionFor(floats("f32x4.add", "f64x2.add"), site.dtype),
    [kept, limit],
  );
}

/** One way for floats, another for integers. */
const either =
  (ofFloats: EmitVector, ofWords: EmitVector): EmitVector =>
  (site) =>
    (dtypes[site.dtype].kind === "float" ? ofFloats : ofWords)(site);

const select: EmitVector = (site) => {
  const [condition, whenTrue, whenFalse] = site.inputs;
  if (condition === undefined || whenTrue === undefined || whenFalse === undefined)
    return { registers: [], bytes: 4 };
  const { bytes } = whenTrue;
  return converted(site.body, [condition, whenFalse], site.lanes, bytes, ([mask, other]) =>
    eachRegister(site, bytes, "v128.bitselect", [whenTrue, other ?? whenFalse, mask ?? condition]),
  );
};

const not: EmitVector = (site) => eachRegister(site, site.inputs[0]?.bytes ?? 4, "v128.not");

const equalMasks: EmitVector = (site) => {
  const differing = bitwise("v128.xor")(site);
  for (const register of differing.registers) {
    site.body.get(register);
    site.body.op("v128.not");
    site.body.set(register);
  }
  return differing;
};

const equalNumbers = direct({
  float32: "f32x4.eq",
  float64: "f64x2.eq",
  int32: "i32x4.eq",
  uint32: "i32x4.eq",
});

export const vectorCode = {
  add: direct({ ...floats("f32x4.add", "f64x2.add"), ...words("i32x4.add") }),
  sub: direct({ ...floats("f32x4.sub", "f64x2.sub"), ...words("i32x4.sub") }),
  mul: direct({ ...floats("f32x4.mul", "f64x2.mul"), ...words("i32x4.mul") }),
  div: either(direct(floats("f32x4.div", "f64x2.div")), perLane("div")),
  rem: perLane("rem"),
  min: (site) =>
    site.dtype === "bool"
      ? bitwise("v128.and")(site)
      : (bounded(site, "min") ??
        direct({ ...floats("f32x4.min", "f64x2.min"), ...words("i32x4.min_s", "i32x4.min_u") })(site)),
  max: (site) =>
    site.dtype === "bool"
      ? bitwise("v128.or")(site)
      : (bounded(site, "max") ??
        direct({ ...floats("f32x4.max", "f64x2.max"), ...words("i32x4.max_s", "i32x4.max_u") })(site)),
  neg: direct({ ...floats("f32x4.neg", "f64x2.neg"), ...words("i32x4.neg") }),
  abs: (site) =>
    site.dtype === "uint32"
      ? same(site)
      : direct({ ...floats("f32x4.abs", "f64x2.abs"), int32: "i32x4.abs" })(site),
  floor: direct(floats("f32x4.floor", "f64x2.floor")),
  ceil: direct(floats("f32x4.ceil", "f64x2.ceil")),
  trunc: direct(floats("f32x4.trunc", "f64x2.trunc")),
  round: direct(floats("f32x4.nearest", "f64x2.nearest")),
  sqrt: direct(floats("f32x4.sqrt", "f64x2.sqrt")),
  ldexp: ldexpVector,
  exponent: exponentVector,
  sineAngle: farVector(angleOf("sine")),
  cosineAngle: farVector(angleOf("cosine")),
  farRemainder: farVector(remainderOfFar),
  eq: (site) => (site.dtype === "bool" ? equalMasks : equalNumbers)(site),
  lt: direct({ ...floats("f32x4.lt", "f64x2.lt"), ...words("i32x4.lt_s", "i32x4.lt_u") }),
  le: direct({ ...floats("f32x4.le", "f64x2.le"), ...words("i32x4.le_s", "i32x4.le_u") }),
  and: bitwise("v128.and"),
  or: bitwise("v128.or"),
  xor: bitwise("v128.xor"),
  not,
  shl: shift("shl", words("i32x4.shl")),
  shr: shift("shr", words("i32x4.shr_s", "i32x4.shr_u")),
  madd: direct(floats("f32x4.relaxed_madd", "f64x2.relaxed_madd")),
  select,
  cast: castVector,
  bitcast: same,
} as const satisfies Record<PrimitiveOp, EmitVector>;
