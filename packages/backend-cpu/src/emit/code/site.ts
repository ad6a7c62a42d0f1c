/** Where an operation is emitted: what it is given and where its result goes. It refuses to know operations. */

import { type DType, VerificationError } from "@adjoint/core";
import type { FunctionBody } from "../../wasm/function.js";
import type { Routines } from "./primitive.js";
import type { Vector } from "./register.js";

/** On single values; the result stays on the stack. */
export interface ScalarSite {
  readonly body: FunctionBody;
  /** The dtype of the last operand. */
  readonly dtype: DType;
  readonly result: DType;
  readonly push: (operand: number) => void;
  /** The value of an operand that is a constant. */
  readonly constant: (operand: number) => number | undefined;
  readonly routine: Routines;
}

export type EmitScalar = (site: ScalarSite) => void;

/** On values of one dtype that locals hold. */
export function onLocals(body: FunctionBody, dtype: DType, locals: readonly number[]): ScalarSite {
  return {
    body,
    dtype,
    result: dtype,
    push: (operand) => body.get(locals[operand] ?? 0),
    constant: () => undefined,
    routine: none,
  };
}

/** On a group of lanes. */
export interface VectorSite {
  readonly body: FunctionBody;
  readonly lanes: number;
  /** The dtype of the last operand. */
  readonly dtype: DType;
  readonly result: DType;
  readonly inputs: readonly Vector[];
  /** Pushes an operand that is the same in all lanes as a single value. */
  readonly uniform: (operand: number) => (() => void) | undefined;
  /** The value of an operand that is a constant. */
  readonly constant: (operand: number) => number | undefined;
  readonly routine: Routines;
  /** Registers for the result; new ones unless given. They may be an operand's. */
  readonly into?: readonly number[];
}

export type EmitVector = (site: VectorSite) => Vector;

/** What is done with vectors of one dtype. */
interface OnVectors {
  readonly lanes: number;
  readonly dtype: DType;
  readonly inputs: readonly Vector[];
  /** The dtype of the operands unless given. */
  readonly result?: DType;
  readonly into?: readonly number[];
}

/** On vectors of which nothing else is known: none is the same in all lanes, none a constant. */
export function onVectors(body: FunctionBody, given: OnVectors): VectorSite {
  const unknown = (): undefined => undefined;
  return { result: given.dtype, ...given, body, uniform: unknown, constant: unknown, routine: none };
}

/** What combines values calls no functions. */
function none(key: string): never {
  throw new VerificationError(`There is no routine ${key} here.`, key);
}
