/**
 * Operations that matter to few arguments, which are far from all others: a group of lanes of which none is far takes a
 * comparison; else a function of the module is called for each. It refuses to know what is far.
 */

import type { FunctionBody } from "../../wasm/function.js";
import { machineOf } from "./primitive.js";
import { registersFor } from "./register.js";
import type { EmitScalar, EmitVector } from "./site.js";

export interface FarOperation {
  /** Of its functions in a module, one for each dtype. */
  readonly key: string;
  readonly arity: 1 | 2;
  /** The function on single values: 0 where they are not far. */
  readonly emit: (dtype: "float32" | "float64") => FunctionBody;
  /** Leaves on the stack a mask of lanes that may be far, of one register of each operand. */
  readonly pushFar: (body: FunctionBody, dtype: "float32" | "float64", operands: readonly number[]) => void;
}

const floatOf = (dtype: string): "float32" | "float64" => (dtype === "float64" ? dtype : "float32");

export const farScalar =
  ({ key, arity, emit }: FarOperation): EmitScalar =>
  ({ body, dtype, push, routine }) => {
    for (let operand = 0; operand < arity; operand++) push(operand);
    body.call(routine(`${key} ${dtype}`, () => emit(floatOf(dtype))));
  };

export const farVector =
  ({ key, emit, pushFar }: FarOperation): EmitVector =>
  ({ body, lanes, dtype, inputs, routine }) => {
    const { bytes } = machineOf(dtype);
    const index = routine(`${key} ${dtype}`, () => emit(floatOf(dtype)));
    const registers = registersFor(body, lanes, bytes);
    const [extract, replace] =
      bytes === 4
        ? (["f32x4.extract_lane", "f32x4.replace_lane"] as const)
        : (["f64x2.extract_lane", "f64x2.replace_lane"] as const);
    for (const [position, result] of registers.entries()) {
      const operands = inputs.map((input) => input.registers[position] ?? 0);
      body.v128(new Uint8Array(16));
      body.set(result);
      pushFar(body, floatOf(dtype), operands);
      body.op("v128.any_true");
      body.branch(undefined, () => {
        const perRegister = 16 / bytes;
        for (let lane = 0; lane < Math.min(perRegister, lanes - position * perRegister); lane++) {
          body.get(result);
          for (const operand of operands) {
            body.get(operand);
            body.lane(extract, lane);
          }
          body.call(index);
          body.lane(replace, lane);
          body.set(result);
        }
      });
    }
    return { registers, bytes };
  };
