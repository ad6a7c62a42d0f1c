/** Sliding windows over any number of axes (unfold) and their overlap-add (fold): each is the other's adjoint. */

import { AttributeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { addAffine, axisTimes, zero } from "../lowering/affine.js";
import { type Index, type LoopNest, viewLoops } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument, coordinate } from "../scalar/scalar.js";
import { extentOf, formatShape, normalizeAxis, type Shape } from "../shape.js";
import type { TensorType } from "../tensor.js";

export interface WindowOptions {
  /** The axes that windows slide over; the last ones, as many as there are sizes, when absent. */
  readonly axes?: readonly number[];
  /** Distance of neighboring windows per axis, 1 when absent. */
  readonly strides?: readonly number[];
  /** Distance of neighboring elements of a window per axis, 1 when absent. */
  readonly dilations?: readonly number[];
}

interface Window {
  readonly axis: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

const geometry = { axes: "integers", sizes: "integers", strides: "integers", dilations: "integers" } as const;

type Geometry = { readonly [Name in keyof typeof geometry]: readonly number[] };

function windowsOf({ axes, sizes, strides, dilations }: Geometry): Window[] {
  if (new Set(axes).size !== axes.length) throw new AttributeError(`axes [${axes}] must be distinct`, "axes");
  return axes.map((axis, k) => {
    const window = { axis, size: sizes[k] ?? 0, stride: strides[k] ?? 0, dilation: dilations[k] ?? 0 };
    if (window.size < 1 || window.stride < 1 || window.dilation < 1) {
      throw new AttributeError(`window size, stride and dilation of axis ${axis} must be at least 1`);
    }
    return window;
  });
}

/** Elements from the first to the last of a window, both included. */
function spanOf({ size, dilation }: Window): number {
  return (size - 1) * dilation + 1;
}

/** How many windows fit on an axis. */
function countOf(window: Window, extent: number): number {
  return extent < spanOf(window) ? 0 : Math.floor((extent - spanOf(window)) / window.stride) + 1;
}

function normalizeGeometry(
  rank: number,
  sizes: readonly number[],
  options: WindowOptions,
  what: string,
): Geometry {
  const { axes = sizes.map((_, k) => k - sizes.length), strides = [], dilations = [] } = options;
  for (const [name, list] of Object.entries({ axes, strides, dilations })) {
    if (list.length > 0 && list.length !== sizes.length) {
      throw new AttributeError(
        `${what}: ${name} must have one entry per window size, ${sizes.length}.`,
        name,
      );
    }
  }
  return {
    axes: axes.map((axis) => normalizeAxis(axis, rank, what)),
    sizes: [...sizes],
    strides: sizes.map((_, k) => strides[k] ?? 1),
    dilations: sizes.map((_, k) => dilations[k] ?? 1),
  };
}

const windowsOp: Op = defineOp({
  name: "windows",
  doc: "Sliding windows: an axis of window positions in place of each axis, the window axes last.",
  operands: ["x"],
  attributes: geometry,
  notation: "\\operatorname{windows}({x})",
  infer: ([x], attributes) => {
    const shape = [...x.shape];
    for (const window of windowsOf(attributes)) {
      shape[window.axis] = countOf(window, extentOf(x.shape, window.axis));
    }
    return { dtype: x.dtype, shape: [...shape, ...attributes.sizes] };
  },
  lower: ([x], attributes) => {
    const rank = x.shape.length;
    const index = x.shape.map((_, axis) => axisTimes(axis));
    for (const [k, { axis, stride, dilation }] of windowsOf(attributes).entries()) {
      index[axis] = addAffine(axisTimes(axis, stride), axisTimes(rank + k, dilation));
    }
    return { kind: "view", loops: viewLoops(x, index) };
  },
  vjp: ({ operands: [x], attributes, adjoint }) => {
    const extents = attributes.axes.map((axis) => extentOf(x.shape, axis));
    return [createNode(overlapAddOp, [adjoint], { ...attributes, extents })];
  },
});

/**
 * Sliding windows over axes: x […] → [… with positions in place of each axis, …sizes], without copying. Windows that
 * would leave x are not taken; pad first to keep them.
 */
export const windows = opFunction(
  windowsOp,
  <Feeds extends string>(
    x: Node<Feeds>,
    sizes: readonly number[],
    options: WindowOptions = {},
  ): Node<Feeds> =>
    createNode(windowsOp, [x], { ...normalizeGeometry(x.shape.length, sizes, options, "windows") }),
);

/** Overlapping axes are summed over; on the others each element lies in at most one window, at a known place. */
function overlapAddLoops(x: TensorType, windows: readonly Window[], output: Shape): LoopNest {
  const rank = output.length;
  const positions: Index[] = output.map((_, axis) => axisTimes(axis));
  const places: Index[] = [];
  const reduced: number[] = [];
  for (const window of windows) {
    const { axis, size, stride, dilation } = window;
    const at = coordinate(axis);
    if (dilation === 1 && stride >= size) {
      positions[axis] = stride === 1 ? axisTimes(axis) : { computed: s.div(at, stride) };
      places.push(stride === 1 ? zero : { computed: s.rem(at, stride) });
      continue;
    }
    const place = rank + reduced.length;
    reduced.push(size);
    places.push(axisTimes(place));
    const start = s.sub(at, s.mul(coordinate(place), dilation));
    positions[axis] =
      stride === 1
        ? addAffine(axisTimes(axis), axisTimes(place, -dilation))
        : { computed: s.select(s.eq(s.rem(start, stride), 0), s.div(start, stride), -1) };
  }
  const nest = viewLoops(x, [...positions, ...places], 0);
  return reduced.length === 0 ? nest : { ...nest, reduced, body: argument(0, x.dtype), combine: "add" };
}

const overlapAddOp: Op = defineOp({
  name: "overlapAdd",
  doc: "The sum of windows put back where they were taken from.",
  operands: ["x"],
  attributes: { ...geometry, extents: "integers" },
  notation: "\\operatorname{overlapAdd}({x})",
  infer: ([x], attributes) => {
    const rank = x.shape.length - attributes.axes.length;
    const shape = x.shape.slice(0, rank);
    for (const [k, window] of windowsOf(attributes).entries()) {
      const extent = extentOf(attributes.extents, k);
      const count = countOf(window, extent);
      if (x.shape[window.axis] !== count || x.shape[rank + k] !== window.size) {
        throw new ShapeError(
          `${count} windows of ${window.size} fit axis ${window.axis} of extent ${extent}: ` +
            `${formatShape(x.shape)} has ${x.shape[window.axis]} of ${x.shape[rank + k]}`,
        );
      }
      shape[window.axis] = extent;
    }
    return { dtype: x.dtype, shape };
  },
  lower: ([x], attributes, output) => {
    const loops = overlapAddLoops(x, windowsOf(attributes), output.shape);
    return { kind: loops.combine === undefined ? "view" : "reduce", loops };
  },
  vjp: ({ attributes: { axes, sizes, strides, dilations }, adjoint }) => [
    createNode(windowsOp, [adjoint], { axes, sizes, strides, dilations }),
  ],
});

/**
 * Puts windows back, adding where they overlap: x [… positions …, …sizes] → [… extents …], as `windows` of a tensor with
 * these extents would have taken them. The sizes are the last extents of x, one per extent given.
 */
export const overlapAdd = opFunction(
  overlapAddOp,
  <Feeds extends string>(
    x: Node<Feeds>,
    extents: readonly number[],
    options: WindowOptions = {},
  ): Node<Feeds> => {
    const rank = x.shape.length - extents.length;
    const attributes = normalizeGeometry(rank, x.shape.slice(rank), options, "overlapAdd");
    return createNode(overlapAddOp, [x], { ...attributes, extents: [...extents] });
  },
);
