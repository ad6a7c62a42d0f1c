/** Diagonals of matrices and the matrices of given diagonals: each is the other's adjoint. */

import { AttributeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { axisTimes, shiftAffine } from "../lowering/affine.js";
import { type Index, viewLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { coordinate } from "../scalar/scalar.js";
import { extentOf, formatShape, normalizeAxis } from "../shape.js";

export interface DiagonalOptions {
  /** Positive above the main diagonal, negative below. */
  readonly offset?: number;
  /** The axes of rows and columns: the first two of `diagonal`, as in NumPy, the last two of `diagEmbed`. */
  readonly axes?: readonly [rows: number, columns: number];
}

export interface DiagEmbedOptions extends DiagonalOptions {
  /** Extents of the matrices; just large enough for the diagonal when absent. */
  readonly extents?: readonly [rows: number, columns: number];
}

/** How far the diagonal starts from the first row and column. */
function skips(offset: number): [rows: number, columns: number] {
  return [Math.max(0, -offset), Math.max(0, offset)];
}

function checkAxes(rows: number, columns: number): void {
  if (rows === columns) throw new AttributeError(`rows and columns must be different axes, not both ${rows}`);
}

const diagonalOp: Op = defineOp({
  name: "diagonal",
  doc: "A diagonal of the matrices on two axes, as a new last axis.",
  operands: ["x"],
  attributes: { offset: "integer", rows: "integer", columns: "integer" },
  notation: "\\operatorname{diag}({x})",
  infer: ([x], { offset, rows, columns }) => {
    checkAxes(rows, columns);
    const [down, right] = skips(offset);
    const length = Math.max(0, Math.min(extentOf(x.shape, rows) - down, extentOf(x.shape, columns) - right));
    return {
      dtype: x.dtype,
      shape: [...x.shape.filter((_, axis) => axis !== rows && axis !== columns), length],
    };
  },
  lower: ([x], { offset, rows, columns }, output) => {
    const [down, right] = skips(offset);
    const last = axisTimes(output.shape.length - 1);
    let kept = 0;
    const index = x.shape.map((_, axis) => {
      if (axis === rows) return shiftAffine(last, down);
      return axis === columns ? shiftAffine(last, right) : axisTimes(kept++);
    });
    return { kind: "view", loops: viewLoops(x, index) };
  },
  vjp: ({ operands: [x], attributes: { offset, rows, columns }, adjoint }) => {
    const extents = [extentOf(x.shape, rows), extentOf(x.shape, columns)] as const;
    return [diagEmbed(adjoint, { offset, axes: [rows, columns], extents })];
  },
});

/** A diagonal of the matrices that two axes (the first two unless said otherwise) span, as a new last axis. */
export const diagonal = opFunction(
  diagonalOp,
  <Feeds extends string>(
    x: Node<Feeds>,
    { offset = 0, axes = [0, 1] }: DiagonalOptions = {},
  ): Node<Feeds> => {
    if (x.shape.length < 2)
      throw new ShapeError(`diagonal: ${String(x)} has fewer than two axes.`, String(x));
    const [rows, columns] = axes;
    return createNode(diagonalOp, [x], {
      offset,
      rows: normalizeAxis(rows, x.shape.length, "diagonal"),
      columns: normalizeAxis(columns, x.shape.length, "diagonal"),
    });
  },
);

const diagEmbedOp: Op = defineOp({
  name: "diagEmbed",
  doc: "Matrices on two new axes whose diagonal is the last axis of x, zero elsewhere.",
  operands: ["x"],
  attributes: { offset: "integer", rows: "integer", columns: "integer", extents: "integers" },
  notation: "\\operatorname{Diag}({x})",
  infer: ([x], { offset, rows, columns, extents }) => {
    checkAxes(rows, columns);
    const length = extentOf(x.shape, x.shape.length - 1);
    const [down, right] = skips(offset);
    const [height, width] = [extentOf(extents, 0), extentOf(extents, 1)];
    if (length !== Math.max(0, Math.min(height - down, width - right))) {
      throw new ShapeError(
        `a diagonal of ${length} at offset ${offset} does not fit ${formatShape(extents)}`,
      );
    }
    const rest = x.shape.slice(0, -1).values();
    const shape = Array.from({ length: x.shape.length + 1 }, (_, axis) =>
      axis === rows ? height : axis === columns ? width : Number(rest.next().value ?? 1),
    );
    return { dtype: x.dtype, shape };
  },
  lower: ([x], { offset, rows, columns }, output) => {
    const [down, right] = skips(offset);
    const row = s.sub(coordinate(rows), down);
    const column = s.sub(coordinate(columns), right);
    const kept = output.shape.flatMap((_, axis) =>
      axis === rows || axis === columns ? [] : [axisTimes(axis)],
    );
    const index: Index[] = [...kept, { computed: s.select(s.eq(row, column), row, -1) }];
    return { kind: "view", loops: viewLoops(x, index, 0) };
  },
  vjp: ({ attributes: { offset, rows, columns }, adjoint }) => [
    diagonal(adjoint, { offset, axes: [rows, columns] }),
  ],
});

/** Matrices, on two new axes (the last two unless said otherwise), that are zero but for x on a diagonal. */
export const diagEmbed = opFunction(
  diagEmbedOp,
  <Feeds extends string>(x: Node<Feeds>, options: DiagEmbedOptions = {}): Node<Feeds> => {
    const length = x.shape.at(-1);
    if (length === undefined) throw new ShapeError(`diagEmbed: ${String(x)} has no axis.`, String(x));
    const { offset = 0, axes = [-2, -1], extents } = options;
    const size = length + Math.abs(offset);
    const rank = x.shape.length + 1;
    return createNode(diagEmbedOp, [x], {
      offset,
      rows: normalizeAxis(axes[0], rank, "diagEmbed"),
      columns: normalizeAxis(axes[1], rank, "diagEmbed"),
      extents: extents === undefined ? [size, size] : [...extents],
    });
  },
);
