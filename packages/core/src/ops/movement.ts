/** Ops that move elements without computing: transpose, reshape and their plain-function relatives. */

import { AttributeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { axisTimes, zero } from "../lowering/affine.js";
import { broadcastAccess, viewLoops } from "../lowering/loops.js";
import { argument } from "../scalar/scalar.js";
import { extentOf, formatShape, normalizeAxes, normalizeAxis, type Shape, sizeOf } from "../shape.js";

function inverse(permutation: readonly number[]): number[] {
  const result = permutation.map(() => 0);
  for (const [position, axis] of permutation.entries()) result[axis] = position;
  return result;
}

const copyOp: Op = defineOp({
  name: "copy",
  doc: "The same elements in a buffer of their own.",
  operands: ["x"],
  attributes: {},
  notation: "{x}",
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  lower: ([x], _, output) => ({
    kind: "map",
    loops: viewLoops(x, broadcastAccess(x.shape, output.shape).index),
  }),
  vjp: ({ adjoint }) => [adjoint],
});

/** The same elements in a buffer of their own: for a scheduler that must separate reading from overwriting. */
export const copy = opFunction(
  copyOp,
  <Feeds extends string>(x: Node<Feeds>): Node<Feeds> => createNode(copyOp, [x]),
);

const afterOp: Op = defineOp<readonly string[], Record<never, never>>({
  name: "after",
  doc: "The first operand, declared after the others: nothing of them is read.",
  operands: ["x"],
  variadic: true,
  attributes: {},
  notation: "{x}",
  infer: ([x]) => {
    if (x === undefined) throw new ShapeError("expected x");
    return { dtype: x.dtype, shape: x.shape };
  },
  lower: (operands, _, output) => {
    const accesses = operands.map(({ shape }, position) =>
      position === 0 ? broadcastAccess(shape, output.shape) : { index: shape.map(() => zero) },
    );
    return { kind: "view", loops: { reduced: [], accesses, body: argument(0, output.dtype) } };
  },
  vjp: ({ operands, adjoint }) => operands.map((_, position) => (position === 0 ? adjoint : undefined)),
});

/**
 * x itself, with a place in the order of declaration behind all of `others`. A scheduler may take another order: nothing of
 * them is read.
 */
export const after = opFunction(
  afterOp,
  <Feeds extends string>(x: Node<Feeds>, others: readonly Node<Feeds>[]): Node<Feeds> =>
    createNode(afterOp, [x, ...others]),
);

const stopGradientOp: Op = defineOp({
  name: "stopGradient",
  doc: "x itself, with a zero adjoint.",
  operands: ["x"],
  attributes: {},
  notation: "{x}",
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  lower: ([x], _, output) => ({
    kind: "view",
    loops: viewLoops(x, broadcastAccess(x.shape, output.shape).index),
  }),
  vjp: () => [undefined],
});

/** x as a constant for differentiation. */
export const stopGradient = opFunction(
  stopGradientOp,
  <Feeds extends string>(x: Node<Feeds>): Node<Feeds> => createNode(stopGradientOp, [x]),
);

const transposeOp: Op = defineOp({
  name: "transpose",
  doc: "Axes in another order: axis i of the result is axis permutation[i] of x.",
  operands: ["x"],
  attributes: { permutation: "integers" },
  notation: "{x}^\\top",
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, position) => axis !== position)) {
      throw new AttributeError(
        `permutation [${permutation}] must name each axis of ${formatShape(x.shape)} once`,
      );
    }
    return { dtype: x.dtype, shape: permutation.map((axis) => extentOf(x.shape, axis)) };
  },
  lower: ([x], { permutation }) => ({
    kind: "view",
    loops: viewLoops(
      x,
      inverse(permutation).map((position) => axisTimes(position)),
    ),
  }),
  vjp: ({ attributes: { permutation }, adjoint }) => [transpose(adjoint, inverse(permutation))],
});

/** Permutes axes; without a permutation the last two are swapped (a matrix transpose, batched). */
export const transpose = opFunction(
  transposeOp,
  <Feeds extends string>(x: Node<Feeds>, permutation?: readonly number[]): Node<Feeds> => {
    const rank = x.shape.length;
    const identity = Array.from({ length: rank }, (_, axis) => axis);
    if (permutation === undefined && rank < 2) {
      throw new ShapeError(`transpose: ${String(x)} has fewer than two axes to swap.`, String(x));
    }
    const swapped = [...identity.slice(0, -2), rank - 1, rank - 2];
    const normalized = permutation?.map((axis) => normalizeAxis(axis, rank, "transpose")) ?? swapped;
    return createNode(transposeOp, [x], { permutation: normalized });
  },
);

const reshapeOp: Op = defineOp({
  name: "reshape",
  doc: "The same elements in row-major order under another shape.",
  operands: ["x"],
  attributes: { shape: "integers" },
  resultShape: "shape",
  notation: "{x}",
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(`${sizeOf(x.shape)} elements do not fill shape ${formatShape(shape)}`);
    }
    return { dtype: x.dtype, shape };
  },
  lower: () => ({ kind: "reshape" }),
  vjp: ({ operands: [x], adjoint }) => [reshape(adjoint, x.shape)],
});

/** Another shape for the same elements; one extent may be -1 and is then computed. */
export const reshape = opFunction(
  reshapeOp,
  <Feeds extends string>(x: Node<Feeds>, shape: Shape): Node<Feeds> => {
    const known = sizeOf(shape.filter((extent) => extent !== -1));
    const inferred = known === 0 ? 0 : sizeOf(x.shape) / known;
    const full = shape.map((extent) => (extent === -1 ? inferred : extent));
    if (shape.filter((extent) => extent === -1).length > 1 || !full.every(Number.isInteger)) {
      throw new ShapeError(`reshape: ${String(x)} does not fit shape ${formatShape(shape)}.`, String(x));
    }
    return createNode(reshapeOp, [x], { shape: full });
  },
);

/** Inserts axes of extent 1 at the given positions of the result. */
export function expandDims<Feeds extends string>(
  x: Node<Feeds>,
  axes: readonly number[] | number,
): Node<Feeds> {
  const count = typeof axes === "number" ? 1 : axes.length;
  const inserted = new Set(normalizeAxes(axes, x.shape.length + count, "expandDims"));
  const rest = x.shape.values();
  const shape = Array.from({ length: x.shape.length + count }, (_, axis) =>
    inserted.has(axis) ? 1 : Number(rest.next().value ?? 1),
  );
  return reshape(x, shape);
}

/** Removes axes of extent 1: the given ones, or all. @throws ShapeError for an axis of another extent. */
export function squeeze<Feeds extends string>(
  x: Node<Feeds>,
  axes?: readonly number[] | number,
): Node<Feeds> {
  const ones = x.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  const removed = axes === undefined ? ones : normalizeAxes(axes, x.shape.length, "squeeze");
  const wrong = removed.find((axis) => x.shape[axis] !== 1);
  if (wrong !== undefined)
    throw new ShapeError(`squeeze: axis ${wrong} of ${String(x)} has not extent 1.`, String(x));
  return reshape(
    x,
    x.shape.filter((_, axis) => !removed.includes(axis)),
  );
}
