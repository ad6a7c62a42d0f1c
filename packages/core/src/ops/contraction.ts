/** Products summed over shared axes. */

import { ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { axisTimes } from "../lowering/affine.js";
import { broadcastAccess, type LoopNest } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument } from "../scalar/scalar.js";
import { broadcastShapes, extentOf, formatShape, type Shape } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { inferElementwise } from "./elementwise.js";
import { expandDims, reshape, transpose } from "./movement.js";

function matmulLoops(a: TensorType, b: TensorType, output: Shape): LoopNest {
  const rank = output.length;
  const batch = output.slice(0, -2);
  const rows = axisTimes(rank - 2);
  const columns = axisTimes(rank - 1);
  const inner = axisTimes(rank);
  return {
    reduced: [extentOf(a.shape, a.shape.length - 1)],
    accesses: [
      { index: [...broadcastAccess(a.shape.slice(0, -2), batch).index, rows, inner] },
      { index: [...broadcastAccess(b.shape.slice(0, -2), batch).index, inner, columns] },
    ],
    body: s.mul(argument(0, a.dtype), argument(1, b.dtype)),
    combine: "add",
  };
}

const matmulOp: Op = defineOp({
  name: "matmul",
  doc: "Matrix product over the last two axes; leading axes broadcast.",
  operands: ["a", "b"],
  attributes: {},
  notation: "{a} {b}",
  infer: ([a, b]) => {
    const { dtype } = inferElementwise(
      [
        { dtype: a.dtype, shape: [] },
        { dtype: b.dtype, shape: [] },
      ],
      "number",
    );
    if (a.shape.length < 2 || b.shape.length < 2)
      throw new ShapeError("both operands need at least two axes");
    const inner = extentOf(a.shape, a.shape.length - 1);
    const other = extentOf(b.shape, b.shape.length - 2);
    if (inner !== other) throw new ShapeError(`inner extents ${inner} and ${other} must be equal`);
    const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
    if (batch === undefined) {
      throw new ShapeError(
        `batch extents ${formatShape(a.shape.slice(0, -2))} and ${formatShape(b.shape.slice(0, -2))} do not broadcast`,
      );
    }
    const rows = extentOf(a.shape, a.shape.length - 2);
    return { dtype, shape: [...batch, rows, extentOf(b.shape, b.shape.length - 1)] };
  },
  lower: ([a, b], _, output) => ({ kind: "contract", loops: matmulLoops(a, b, output.shape) }),
  vjp: ({ operands: [a, b], adjoint }) => [matmul(adjoint, transpose(b)), matmul(transpose(a), adjoint)],
});

/** Matrix product as NumPy defines it: batched over leading axes, a vector counts as a row on the left, a column on the right. */
export const matmul = opFunction(
  matmulOp,
  <Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> => {
    const left = a.shape.length === 1 ? expandDims(a, 0) : a;
    const right = b.shape.length === 1 ? expandDims(b, 1) : b;
    const product = createNode(matmulOp, [left, right]);
    if (a.shape.length > 1 && b.shape.length > 1) return product;
    const rows = a.shape.length === 1 ? [] : product.shape.slice(-2, -1);
    const columns = b.shape.length === 1 ? [] : product.shape.slice(-1);
    return reshape(product, [...product.shape.slice(0, -2), ...rows, ...columns]);
  },
);
