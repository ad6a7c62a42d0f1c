/** Pooling over the last axes, as many as there are window sizes: reductions of windows. */

import { dtypes } from "../dtype.js";
import { AttributeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { greater, mul, where } from "../ops/arithmetic.js";
import { dilatedExtent } from "../ops/convolution.js";
import { sqrt, square } from "../ops/exponential.js";
import { gatherAt } from "../ops/indexing.js";
import { constant } from "../ops/leaf.js";
import { reshape } from "../ops/movement.js";
import { pad } from "../ops/pad.js";
import { max, sum } from "../ops/reduction.js";
import { windows } from "../ops/windows.js";
import { extentOf } from "../shape.js";
import { type Padding, paddingPairs, perAxis } from "./convolution.js";

export interface PoolOptions {
  /** Distance of neighboring windows; their size unless given. One number for all axes. */
  readonly strides?: number | readonly number[];
  /** Positions added around each axis that hold no element; 0 unless given. */
  readonly padding?: Padding;
  readonly dilation?: number | readonly number[];
  /** Also take a last window that reaches past the end, if it starts before it. */
  readonly ceilMode?: boolean;
}

/** The windows along one axis. */
interface Axis {
  readonly extent: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
  /** Number of windows. */
  readonly count: number;
}

function axesOf(x: Node, sizes: readonly number[], options: PoolOptions, what: string): Axis[] {
  const spatial = sizes.length;
  if (spatial === 0 || spatial > x.shape.length) {
    throw new AttributeError(`${what}: ${String(x)} has no ${spatial} axes to pool over.`, "sizes");
  }
  const strides = perAxis(options.strides ?? sizes, spatial, "strides", what);
  const dilations = perAxis(options.dilation ?? 1, spatial, "dilation", what);
  const pairs = paddingPairs(options.padding ?? 0, spatial, what);
  return sizes.map((size, k) => {
    const extent = extentOf(x.shape, x.shape.length - spatial + k);
    const [low, high] = pairs[k] ?? [0, 0];
    const [stride, dilation] = [strides[k] ?? 1, dilations[k] ?? 1];
    const room = extent + low + high - dilatedExtent(size, dilation);
    const whole = Math.floor(room / stride) + 1;
    const partial = options.ceilMode === true && whole * stride < extent + low && room % stride !== 0;
    return { extent, size, stride, dilation, low, high, count: Math.max(0, partial ? whole + 1 : whole) };
  });
}

/** x with its windows on new last axes; positions outside hold the fill. */
function windowsOf<Feeds extends string>(x: Node<Feeds>, axes: readonly Axis[], fill: number): Node<Feeds> {
  const widths = axes.map(({ extent, size, stride, dilation, low, count }): [number, number] => {
    const reach = (count - 1) * stride + dilatedExtent(size, dilation);
    return [low, count === 0 ? 0 : Math.max(0, reach - extent - low)];
  });
  const whole = x.shape.slice(axes.length).map((): [number, number] => [0, 0]);
  const padded = pad(x, [...whole, ...widths], { value: fill });
  return windows(
    padded,
    axes.map(({ size }) => size),
    { strides: axes.map(({ stride }) => stride), dilations: axes.map(({ dilation }) => dilation) },
  );
}

function lastAxes(count: number): number[] {
  return Array.from({ length: count }, (_, k) => k - count);
}

/** What loses against every element. */
function lowest(x: Node): number {
  if (dtypes[x.dtype].kind === "float") return Number.NEGATIVE_INFINITY;
  return x.dtype === "int32" ? -(2 ** 31) : 0;
}

/** The largest element of each window: x […, S…], sizes of the last axes → […, windows…]. Ties share the adjoint evenly. */
export function maxPool<Feeds extends string>(
  x: Node<Feeds>,
  sizes: readonly number[],
  options: PoolOptions = {},
): Node<Feeds> {
  const axes = axesOf(x, sizes, options, "maxPool");
  return max(windowsOf(x, axes, lowest(x)), { axes: lastAxes(axes.length) });
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts as elements that are 0 (so unless false), as in PyTorch. */
  readonly countIncludePad?: boolean;
  /** Divides every sum instead of the number of elements. */
  readonly divisor?: number;
}

/** Multiplies by a factor per position on one axis, counted from the end. */
function scaled<Feeds extends string>(x: Node<Feeds>, axis: number, factors: readonly number[]): Node<Feeds> {
  const list = constant(factors, { dtype: x.dtype });
  return factors.every((factor) => factor === 1)
    ? x
    : mul(x, reshape(list, [factors.length, ...new Array<number>(axis - 1).fill(1)]));
}

/** Elements of each window that lie within [-before, extent + after). */
function countsOf(
  { extent, size, stride, dilation, low, count }: Axis,
  before: number,
  after: number,
): number[] {
  return Array.from({ length: count }, (_, window) => {
    const places = Array.from({ length: size }, (_, k) => window * stride - low + k * dilation);
    return places.filter((place) => place >= -before && place < extent + after).length;
  });
}

/** The mean of each window. Windows count padding as zeros unless told otherwise, but never what `ceilMode` adds. */
export function averagePool<Feeds extends string>(
  x: Node<Feeds>,
  sizes: readonly number[],
  options: AveragePoolOptions = {},
): Node<Feeds> {
  const { countIncludePad = true, divisor } = options;
  const axes = axesOf(x, sizes, options, "averagePool");
  const total = sum(windowsOf(x, axes, 0), { axes: lastAxes(axes.length) });
  if (divisor !== undefined) return mul(total, 1 / divisor);
  return axes.reduce((result, axis, k) => {
    const counts = countIncludePad ? countsOf(axis, axis.low, axis.high) : countsOf(axis, 0, 0);
    const factors = counts.map((count) => 1 / count);
    return scaled(result, axes.length - k, factors);
  }, total);
}

/** The Euclidean norm of each window. Its adjoint is 0 for a window of zeros. */
export function l2Pool<Feeds extends string>(
  x: Node<Feeds>,
  sizes: readonly number[],
  options: PoolOptions = {},
): Node<Feeds> {
  const axes = axesOf(x, sizes, options, "l2Pool");
  const total = sum(square(windowsOf(x, axes, 0)), { axes: lastAxes(axes.length) });
  const isPositive = greater(total, 0);
  return where(isPositive, sqrt(where(isPositive, total, 1)), 0);
}

/** How many results each of the last axes has; null keeps the axis as it is. */
export type AdaptiveExtents = readonly (number | null)[];

/** Region t of an axis is [⌊t · extent / count⌋, ⌈(t + 1) · extent / count⌉). */
function regions(extent: number, count: number): { start: number; end: number }[] {
  return Array.from({ length: count }, (_, t) => ({
    start: Math.floor((t * extent) / count),
    end: Math.ceil(((t + 1) * extent) / count),
  }));
}

/** Replaces one axis by regions and the elements of each; shorter regions end with the fill. */
function regionsOf<Feeds extends string>(
  x: Node<Feeds>,
  axis: number,
  count: number,
  fill: number,
): Node<Feeds> {
  const extent = extentOf(x.shape, axis);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  if (extent % count === 0) return reshape(x, [...before, count, extent / count, ...after]);
  const parts = regions(extent, count);
  const longest = Math.max(...parts.map(({ start, end }) => end - start));
  const places = parts.map(({ start, end }) =>
    Array.from({ length: longest }, (_, k) => (start + k < end ? start + k : -1)),
  );
  const indices = reshape(constant(places, { dtype: "int32" }), [count, longest, ...after.map(() => 1)]);
  const sources = x.shape.map((_, other) => (other < axis ? other : other === axis ? -1 : other + 1));
  return gatherAt(x, [indices], sources, [...before, count, longest, ...after], fill);
}

function adaptive<Feeds extends string>(
  x: Node<Feeds>,
  extents: AdaptiveExtents,
  what: string,
  pool: (x: Node<Feeds>, axis: number, count: number) => Node<Feeds>,
): Node<Feeds> {
  if (extents.length > x.shape.length || extents.some((count) => count !== null && !(count >= 1))) {
    throw new AttributeError(
      `${what}: [${extents}] must be positive extents for the last axes of ${String(x)}.`,
      "extents",
    );
  }
  const first = x.shape.length - extents.length;
  return extents.reduce<Node<Feeds>>((result, count, k) => {
    const keeps = count === null || count === extentOf(x.shape, first + k);
    return keeps ? result : pool(result, first + k, count);
  }, x);
}

/** The largest element of each of evenly spread regions: x […, S…] → […, extents…]. Regions are PyTorch's. */
export function adaptiveMaxPool<Feeds extends string>(x: Node<Feeds>, extents: AdaptiveExtents): Node<Feeds> {
  return adaptive(x, extents, "adaptiveMaxPool", (node, axis, count) =>
    max(regionsOf(node, axis, count, lowest(node)), { axes: axis + 1 }),
  );
}

/** The mean of each of evenly spread regions: x […, S…] → […, extents…]. Regions are PyTorch's. */
export function adaptiveAveragePool<Feeds extends string>(
  x: Node<Feeds>,
  extents: AdaptiveExtents,
): Node<Feeds> {
  return adaptive(x, extents, "adaptiveAveragePool", (node, axis, count) => {
    const factors = regions(extentOf(node.shape, axis), count).map(({ start, end }) => 1 / (end - start));
    return scaled(
      sum(regionsOf(node, axis, count, 0), { axes: axis + 1 }),
      node.shape.length - axis,
      factors,
    );
  });
}
