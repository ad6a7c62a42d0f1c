/**
 * What an op means in loops: for every point of [output shape, reduced extents], read each operand through its access,
 * evaluate the body, and store or combine it. It refuses to know how a backend runs it.
 */

import type { Combine } from "../kernel/combine.js";
import type { Scalar } from "../scalar/scalar.js";
import { argument } from "../scalar/scalar.js";
import { extentOf, type Shape } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { type Affine, axisTimes, zero } from "./affine.js";

/** A position on one operand dimension that is computed from other operands' elements or coordinates. */
export interface Computed {
  readonly computed: Scalar;
}

export type Index = Affine | Computed;

/** How an operand is read: a position per operand dimension. Positions outside the operand read `fill` if it is given. */
export interface Access {
  readonly index: readonly Index[];
  /** Required where a position can leave the operand. */
  readonly fill?: number;
}

export interface LoopNest {
  /** Extents of the reduction axes, numbered after the output's axes. */
  readonly reduced: Shape;
  /** One per operand. */
  readonly accesses: readonly Access[];
  /** Over arguments (operand elements) and coordinates (iteration axes). */
  readonly body: Scalar;
  /** Given exactly when the nest reduces. */
  readonly combine?: Combine;
}

export function isComputed(index: Index): index is Computed {
  return "computed" in index;
}

/** The access that reads an operand at the output's own position, repeating extents of 1 and missing leading axes. */
export function broadcastAccess(operand: Shape, output: Shape): Access {
  const lead = output.length - operand.length;
  const index = operand.map((extent, axis) =>
    extent === 1 && extentOf(output, lead + axis) !== 1 ? zero : axisTimes(lead + axis),
  );
  return { index };
}

/** Elementwise: the body of the broadcast operands at each point. */
export function mapLoops(
  operands: readonly TensorType[],
  output: TensorType,
  body: (...operands: readonly Scalar[]) => Scalar,
): LoopNest {
  return {
    reduced: [],
    accesses: operands.map((operand) => broadcastAccess(operand.shape, output.shape)),
    body: body(...operands.map((operand, index) => argument(index, operand.dtype))),
  };
}

/** One operand combined over some axes; `keepDims` keeps them with extent 1. */
export function reduceLoops(
  operand: TensorType,
  axes: readonly number[],
  keepDims: boolean,
  combine: Combine,
): LoopNest {
  const reducedAxes = new Set(axes);
  const rank = keepDims ? operand.shape.length : operand.shape.length - axes.length;
  let kept = 0;
  const index = operand.shape.map((_, axis) => {
    if (reducedAxes.has(axis)) return axisTimes(rank + axes.indexOf(axis));
    const position = keepDims ? axis : kept;
    kept += 1;
    return axisTimes(position);
  });
  return {
    reduced: axes.map((axis) => extentOf(operand.shape, axis)),
    accesses: [{ index }],
    body: argument(0, operand.dtype),
    combine,
  };
}

/** The same elements read at other positions. */
export function viewLoops(operand: TensorType, index: readonly Index[], fill?: number): LoopNest {
  const access: Access = fill === undefined ? { index } : { index, fill };
  return { reduced: [], accesses: [access], body: argument(0, operand.dtype) };
}
