// Evaluates scalar expressions of arguments over whole arrays, rounding after every operation to the operation's
// dtype, as a machine does. It shares nothing with the interpreters but the meaning of single operations.

import type { DType } from "@adjoint/core";
import {
  type Argument,
  convertScalar,
  evaluateScalar,
  isOperation,
  postorder,
  type Scalar,
} from "@adjoint/core/kernel";

const words = new ArrayBuffer(4);
const asFloat = new Float32Array(words);
const asInteger = new Int32Array(words);

function bitcast(value: number, to: DType): number {
  if (to === "float32") {
    asInteger[0] = value;
    return asFloat[0] ?? Number.NaN;
  }
  asFloat[0] = value;
  return asInteger[0] ?? Number.NaN;
}

export function rounded(value: number, dtype: DType): number {
  return dtype === "float32" ? Math.fround(value) : value;
}

/** The values of an expression of arguments, given the values of each argument, all arrays of one length. */
export function evaluate(root: Scalar<Argument>, inputs: readonly Float64Array[]): Float64Array {
  const size = inputs[0]?.length ?? 0;
  const result = new Float64Array(size);
  const order = postorder(root);
  const block = 4096;
  for (let start = 0; start < size; start += block) {
    const end = Math.min(size, start + block);
    const values = new Map<Scalar<Argument>, Float64Array>();
    for (const scalar of order) {
      if (isOperation(scalar)) {
        const operands = scalar.inputs.map((input) => values.get(input) ?? new Float64Array());
        values.set(
          scalar,
          apply(scalar.op, scalar.inputs.at(-1)?.dtype ?? scalar.dtype, scalar.dtype, operands),
        );
      } else if (scalar.kind === "argument") {
        values.set(scalar, inputs[scalar.index]?.subarray(start, end) ?? new Float64Array());
      } else {
        const value = rounded(convertScalar(scalar.value, scalar.dtype), scalar.dtype);
        values.set(scalar, new Float64Array(end - start).fill(value));
      }
    }
    result.set(values.get(root) ?? new Float64Array(), start);
  }
  return result;
}

function apply(
  op: Parameters<typeof evaluateScalar>[0],
  operandDType: DType,
  dtype: DType,
  operands: readonly Float64Array[],
): Float64Array {
  const [a = new Float64Array(), b = a, c = a] = operands;
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const value =
      op === "bitcast"
        ? bitcast(a[i] ?? 0, dtype)
        : evaluateScalar(op, operandDType, dtype, a[i] ?? 0, b[i] ?? 0, c[i] ?? 0);
    result[i] = rounded(value, dtype);
  }
  return result;
}
