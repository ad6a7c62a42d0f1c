/** How an op computes its result in parts, axis by axis. It refuses to choose parts or to build them. */

import type { Combine } from "../kernel/combine.js";
import type { TensorType } from "../tensor.js";

/**
 * What a part needs of one operand: its slice along an axis, all of it, or a term: operands of which the whole is the
 * sum over the parts.
 */
export type OperandPart = number | "whole" | "term";

/**
 * A way to compute in equal parts: from slices of operands along the axes named, each part gives the slice of the result
 * along an axis, or something of the result's shape that combines with the other parts to the result.
 */
export interface Division {
  /** One per operand. */
  readonly operands: readonly OperandPart[];
  readonly result: number | Combine;
}

/** For ops that work along some axes: on every other that all operands share, operands and result are divided alike. */
export function divisionsBeside(along: readonly number[], operands: readonly TensorType[]): Division[] {
  const [first, ...others] = operands;
  if (first === undefined || others.some(({ shape }) => shape.length !== first.shape.length)) return [];
  return first.shape.flatMap((extent, axis): Division[] => {
    if (along.includes(axis) || others.some(({ shape }) => shape[axis] !== extent)) return [];
    return [{ operands: operands.map(() => axis), result: axis }];
  });
}
