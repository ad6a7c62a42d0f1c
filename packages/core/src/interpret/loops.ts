/** Runs one loop nest as its definition reads. It refuses to reorder anything. */

import { combines, identityOf } from "../kernel/combine.js";
import { points } from "../kernel/interpret.js";
import { evaluateAffine } from "../lowering/affine.js";
import { type Access, isComputed, type LoopNest } from "../lowering/loops.js";
import { convertScalar, evaluateScalar } from "../scalar/operations.js";
import { isOperation, postorder, type Scalar } from "../scalar/scalar.js";
import { sizeOf, stridesOf } from "../shape.js";
import type { TensorType } from "../tensor.js";

interface Operand {
  readonly access: Access;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly values: Float64Array;
  /** What positions outside read. */
  readonly fill: number;
}

export function runLoops(
  loops: LoopNest,
  output: TensorType,
  types: readonly TensorType[],
  values: readonly Float64Array[],
): Float64Array {
  const operands = types.map(
    (type, index): Operand => ({
      access: loops.accesses[index] ?? { index: [] },
      shape: type.shape,
      strides: stridesOf(type.shape),
      values: values[index] ?? new Float64Array(),
      fill: convertScalar(loops.accesses[index]?.fill ?? Number.NaN, type.dtype),
    }),
  );
  const order = postorder(loops.body);
  const result = new Float64Array(sizeOf(output.shape));
  let position = 0;
  for (const outer of points(output.shape)) {
    let total = loops.combine === undefined ? 0 : identityOf(loops.combine, output.dtype);
    for (const inner of points(loops.reduced)) {
      const value = evaluateBody(order, operands, [...outer, ...inner]);
      total =
        loops.combine === undefined
          ? value
          : evaluateScalar(combines[loops.combine].op, output.dtype, output.dtype, total, value);
    }
    result[position++] = total;
  }
  return result;
}

function evaluateBody(
  order: readonly Scalar[],
  operands: readonly Operand[],
  point: readonly number[],
): number {
  const values = new Map<Scalar, number>();
  let last = Number.NaN;
  for (const scalar of order) {
    last = evaluateOne(scalar, values, operands, point);
    values.set(scalar, last);
  }
  return last;
}

function evaluateOne(
  scalar: Scalar,
  values: ReadonlyMap<Scalar, number>,
  operands: readonly Operand[],
  point: readonly number[],
): number {
  if (isOperation(scalar)) {
    const [a = 0, b = 0, c = 0] = scalar.inputs.map((input) => values.get(input) ?? Number.NaN);
    return evaluateScalar(scalar.op, scalar.inputs.at(-1)?.dtype ?? scalar.dtype, scalar.dtype, a, b, c);
  }
  if (scalar.kind === "constant") return convertScalar(scalar.value, scalar.dtype);
  if (scalar.kind === "coordinate") return point[scalar.axis] ?? Number.NaN;
  return read(scalar.index, operands, point);
}

/** An operand's element at a point; positions outside read the fill. */
function read(index: number, operands: readonly Operand[], point: readonly number[]): number {
  const operand = operands[index];
  if (operand === undefined) return Number.NaN;
  let address = 0;
  for (const [axis, part] of operand.access.index.entries()) {
    const position = isComputed(part)
      ? evaluateBody(postorder(part.computed), operands, point)
      : evaluateAffine(part, point);
    if (position < 0 || position >= (operand.shape[axis] ?? 0)) return operand.fill;
    address += position * (operand.strides[axis] ?? 0);
  }
  return operand.values[address] ?? Number.NaN;
}
