// How random nodes that move, pick, join and scan elements are built: the accesses that fusion composes.

import {
  argSort,
  concat,
  cumProd,
  cumSum,
  diagonal,
  gather,
  iota,
  logSoftmax,
  type Node,
  pad,
  reverse,
  scatter,
  slice,
  softmax,
  stack,
  windows,
} from "@adjoint/core";
import type { Draw } from "./draw.js";

type Build = (x: Node, pool: readonly Node[], draw: Draw) => Node | undefined;

/** Nodes whose elements can be positions on an axis. */
function indicesFor(pool: readonly Node[], draw: Draw): Node {
  return draw.rotated(pool).find(({ dtype, shape }) => dtype === "int32" && shape.length <= 1) ?? iota([2]);
}

function axisOf(x: Node, draw: Draw): number {
  return draw.below(x.shape.length);
}

/** By op name. A rule may throw what the op refuses; the caller takes another. */
export const movements: Readonly<Record<string, Build>> = {
  slice: (x, _, draw) =>
    slice(
      x,
      x.shape.map((extent) => {
        const step = draw.of([1, 2, -1, -2]) ?? 1;
        const start = draw.below(extent + 1);
        return step > 0 ? [start, extent, step] : [start, undefined, step];
      }),
    ),
  pad: (x, _, draw) =>
    pad(
      x,
      x.shape.map(() => [draw.below(3) - 1, draw.below(3)] as const),
      { interior: x.shape.map(() => draw.below(2)), value: draw.below(3) - 1 },
    ),
  reverse: (x, _, draw) => reverse(x, [axisOf(x, draw)]),
  concat: (x, pool, draw) => {
    const axis = axisOf(x, draw);
    const fits = (other: Node): boolean =>
      other.dtype === x.dtype &&
      other.shape.length === x.shape.length &&
      other.shape.every((extent, at) => at === axis || extent === x.shape[at]);
    return concat([x, draw.rotated(pool).find(fits) ?? x, x], axis);
  },
  stack: (x, _, draw) => stack([x, x], draw.below(x.shape.length + 1)),
  diagonal: (x, _, draw) => diagonal(x, { offset: draw.below(3) - 1 }),
  windows: (x, _, draw) =>
    windows(
      x,
      x.shape.map(() => 1 + draw.below(2)),
      { strides: x.shape.map(() => 1 + draw.below(2)) },
    ),
  gather: (x, pool, draw) => gather(x, indicesFor(pool, draw), axisOf(x, draw)),
  scatter: (x, pool, draw) => {
    const indices = iota([Math.min(2, x.shape[0] ?? 0)]);
    const updates = draw
      .rotated(pool)
      .find(
        ({ dtype, shape }) =>
          dtype === x.dtype && shape.join() === [...indices.shape, ...x.shape.slice(1)].join(),
      );
    return updates && scatter(x, indices, updates, { combine: draw.of(["set", "add"] as const) ?? "add" });
  },
  cumSum: (x, _, draw) => cumSum(x, { axis: axisOf(x, draw), reverse: draw.below(2) === 1 }),
  cumProd: (x, _, draw) => cumProd(x, { axis: axisOf(x, draw) }),
  softmax: (x, _, draw) => softmax(x, { axes: axisOf(x, draw) }),
  logSoftmax: (x, _, draw) => logSoftmax(x, { axes: axisOf(x, draw) }),
  argSort: (x, _, draw) => argSort(x, { axis: axisOf(x, draw) }),
};
