/** Slices and the constant padding that is their adjoint, and reversal: views, no element is computed. */

import { AttributeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { axisTimes, shiftAffine } from "../lowering/affine.js";
import { type Index, viewLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { coordinate } from "../scalar/scalar.js";
import { checkAxes, extentOf, formatShape, normalizeAxes, normalizeAxis, type Shape } from "../shape.js";

function checkLengths(shape: Shape, lists: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== shape.length) {
      throw new AttributeError(
        `${name} must have one entry per axis of ${formatShape(shape)}, not ${list.length}`,
        name,
      );
    }
  }
}

const sliceOp: Op = defineOp({
  name: "slice",
  doc: "Every steps[axis]-th element from starts[axis] on, sizes[axis] of them.",
  operands: ["x"],
  attributes: { starts: "integers", sizes: "integers", steps: "integers" },
  resultShape: "sizes",
  notation: "{x}_{[\\cdot]}",
  infer: ([x], { starts, sizes, steps }) => {
    checkLengths(x.shape, { starts, sizes, steps });
    for (const [axis, extent] of x.shape.entries()) {
      const [start, size, step] = [extentOf(starts, axis), extentOf(sizes, axis), extentOf(steps, axis)];
      const last = start + Math.max(0, size - 1) * step;
      if (start < 0 || size < 0 || step < 1 || start > extent || (size > 0 && last >= extent)) {
        throw new AttributeError(
          `${size} elements from ${start} by ${step} leave axis ${axis} of ${formatShape(x.shape)}`,
        );
      }
    }
    return { dtype: x.dtype, shape: sizes };
  },
  lower: ([x], { starts, steps }) => ({
    kind: "view",
    loops: viewLoops(
      x,
      starts.map((start, axis) => shiftAffine(axisTimes(axis, extentOf(steps, axis)), start)),
    ),
  }),
  vjp: ({ operands: [x], attributes: { starts, sizes, steps }, adjoint }) => {
    const interior = steps.map((step) => step - 1);
    const high = x.shape.map(
      (extent, axis) => extent - extentOf(starts, axis) - dilated(sizes, interior, axis),
    );
    return [
      padConstant(adjoint, {
        low: starts,
        high: high.map((width) => Math.max(0, width)),
        interior,
        value: 0,
      }),
    ];
  },
});

/** Extent of an axis with `interior` positions between neighbors. */
function dilated(shape: Shape, interior: readonly number[], axis: number): number {
  const extent = extentOf(shape, axis);
  return extent === 0 ? 0 : extent + (extent - 1) * extentOf(interior, axis);
}

export const padOp: Op = defineOp({
  name: "pad",
  doc: "A value before (low), after (high) and between (interior) the elements of every axis.",
  operands: ["x"],
  attributes: { low: "integers", high: "integers", interior: "integers", value: "number" },
  notation: "\\operatorname{pad}({x})",
  infer: ([x], { low, high, interior }) => {
    checkLengths(x.shape, { low, high, interior });
    if ([...low, ...high, ...interior].some((width) => width < 0)) {
      throw new AttributeError("widths must not be negative");
    }
    const shape = x.shape.map(
      (_, axis) => extentOf(low, axis) + dilated(x.shape, interior, axis) + extentOf(high, axis),
    );
    return { dtype: x.dtype, shape };
  },
  lower: ([x], { low, interior, value }) => ({
    kind: "view",
    loops: viewLoops(
      x,
      x.shape.map((_, axis): Index => {
        const step = extentOf(interior, axis) + 1;
        if (step === 1) return shiftAffine(axisTimes(axis), -extentOf(low, axis));
        const position = s.sub(coordinate(axis), extentOf(low, axis));
        return { computed: s.select(s.eq(s.rem(position, step), 0), s.div(position, step), -1) };
      }),
      value,
    ),
  }),
  vjp: ({ operands: [x], attributes: { low, interior }, adjoint }) => [
    createNode(sliceOp, [adjoint], {
      starts: low,
      sizes: x.shape,
      steps: interior.map((width) => width + 1),
    }),
  ],
});

export interface PadWidths {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
  readonly value: number;
}

/** Padding with a constant; the node itself where every width is 0. */
export function padConstant<Feeds extends string>(x: Node<Feeds>, widths: PadWidths): Node<Feeds> {
  const { low, high, interior, value } = widths;
  if ([...low, ...high, ...interior].every((width) => width === 0)) return x;
  return createNode(padOp, [x], { low: [...low], high: [...high], interior: [...interior], value });
}

/** [start, end, step] of one axis as NumPy reads start:end:step; missing or undefined parts have its defaults. */
export type Range = readonly [
  start?: number | undefined,
  end?: number | undefined,
  step?: number | undefined,
];

/** First position, number of positions and step of a range on an axis. */
function resolve(
  [start, end, step = 1]: Range,
  extent: number,
): { start: number; size: number; step: number } {
  if (!Number.isInteger(step) || step === 0)
    throw new AttributeError(`slice: step ${step} must be a non-zero integer.`);
  const clamp = (position: number, low: number, high: number): number => {
    if (!Number.isInteger(position))
      throw new AttributeError(`slice: position ${position} must be an integer.`);
    return Math.max(low, Math.min(high, position < 0 ? position + extent : position));
  };
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const first = start === undefined ? (step > 0 ? 0 : extent - 1) : clamp(start, low, high);
  const last = end === undefined ? (step > 0 ? extent : -1) : clamp(end, low, high);
  return { start: first, size: Math.max(0, Math.ceil((last - first) / step)), step };
}

/**
 * A part of every axis: one [start, end, step] per leading axis, `[]` for a whole one. Positions and steps may be negative, as
 * in NumPy; positions past the ends are clamped.
 */
export const slice = opFunction(
  sliceOp,
  <Feeds extends string>(x: Node<Feeds>, ranges: readonly Range[]): Node<Feeds> => {
    if (ranges.length > x.shape.length) {
      throw new ShapeError(`slice: ${ranges.length} ranges for ${String(x)}.`, String(x));
    }
    const parts = x.shape.map((extent, axis) => resolve(ranges[axis] ?? [], extent));
    const steps = parts.map(({ step }) => Math.abs(step));
    const starts = parts.map(({ start, size, step }) =>
      size === 0 ? 0 : step < 0 ? start + (size - 1) * step : start,
    );
    const sizes = parts.map(({ size }) => size);
    const whole = steps.every(
      (step, axis) => (step === 1 || sizes[axis] === 1) && sizes[axis] === x.shape[axis],
    );
    const kept = whole ? x : createNode(sliceOp, [x], { starts, sizes, steps });
    const reversed = parts.flatMap(({ step, size }, axis) => (step < 0 && size > 1 ? [axis] : []));
    return reversed.length === 0 ? kept : reverse(kept, reversed);
  },
);

/** A part of one axis; see `slice`. */
export function sliceAxis<Feeds extends string>(x: Node<Feeds>, axis: number, ...range: Range): Node<Feeds> {
  const position = normalizeAxis(axis, x.shape.length, "sliceAxis");
  return slice(
    x,
    x.shape.slice(0, position + 1).map((_, other): Range => (other === position ? range : [])),
  );
}

const reverseOp: Op = defineOp({
  name: "reverse",
  doc: "The elements of some axes in opposite order.",
  operands: ["x"],
  attributes: { axes: "integers" },
  notation: "\\operatorname{reverse}({x})",
  infer: ([x], { axes }) => {
    checkAxes(axes, x.shape.length, "reverse");
    return { dtype: x.dtype, shape: x.shape };
  },
  lower: ([x], { axes }) => ({
    kind: "view",
    loops: viewLoops(
      x,
      x.shape.map((extent, axis) =>
        axes.includes(axis) ? shiftAffine(axisTimes(axis, -1), extent - 1) : axisTimes(axis),
      ),
    ),
  }),
  vjp: ({ attributes: { axes }, adjoint }) => [reverse(adjoint, axes)],
});

/** Reverses the order of elements along axes, all when none are given (NumPy's flip). */
export const reverse = opFunction(
  reverseOp,
  <Feeds extends string>(x: Node<Feeds>, axes?: readonly number[] | number): Node<Feeds> =>
    createNode(reverseOp, [x], { axes: normalizeAxes(axes, x.shape.length, "reverse") }),
);
