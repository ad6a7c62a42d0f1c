/** The usual forms of gather and scatter, as plain functions over the general ones. */

import type { DType } from "../dtype.js";
import { DTypeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { cast, equal, where } from "../ops/arithmetic.js";
import { gather, gatherAt, scatterAt, wrapIndices } from "../ops/indexing.js";
import { iota } from "../ops/leaf.js";
import { expandDims, reshape, squeeze, stopGradient } from "../ops/movement.js";
import type { ScatterMode } from "../ops/scatter.js";
import { sliceAxis } from "../ops/slice.js";
import { extentOf, formatShape, normalizeAxis, sizeOf } from "../shape.js";

export interface ScatterOptions {
  /** What an update does to the element it meets; `set` replaces it, of several the last in row-major order stays. */
  readonly combine?: ScatterMode;
}

function elementSources(node: Node, indices: Node, axis: number, name: string): number[] {
  if (indices.shape.length !== node.shape.length) {
    throw new ShapeError(
      `${name}: indices ${String(indices)} must have as many axes as ${String(node)}.`,
      String(indices),
    );
  }
  return node.shape.map((_, other) => (other === axis ? -1 : other));
}

/**
 * One element of x for each index (ONNX GatherElements, PyTorch gather): result[…, i, …] = x[…, indices[…, i, …], …] with the
 * shape of indices, whose other extents are at most those of x. Negative indices count from the end; others outside read
 * NaN, or 0 for integers.
 */
export function gatherElements<Feeds extends string>(
  x: Node<Feeds>,
  indices: Node<Feeds>,
  axis = 0,
): Node<Feeds> {
  const at = normalizeAxis(axis, x.shape.length, "gatherElements");
  const sources = elementSources(x, indices, at, "gatherElements");
  return gatherAt(x, [wrapIndices(indices, extentOf(x.shape, at))], sources, indices.shape);
}

/**
 * A copy of base with one update per index (ONNX ScatterElements, PyTorch scatter and scatter_reduce): element […, i, …] of
 * updates goes to base[…, indices[…, i, …], …]. Updates have the shape of indices; indices outside are dropped.
 */
export function scatterElements<Feeds extends string>(
  base: Node<Feeds>,
  indices: Node<Feeds>,
  updates: Node<Feeds>,
  { axis = 0, combine = "set" }: ScatterOptions & { readonly axis?: number } = {},
): Node<Feeds> {
  const at = normalizeAxis(axis, base.shape.length, "scatterElements");
  const sources = elementSources(base, indices, at, "scatterElements");
  return scatterAt(base, updates, [wrapIndices(indices, extentOf(base.shape, at))], sources, combine);
}

/** Tuples of indices taken apart, and where the axes of a tensor they address come from. */
function tuples<Feeds extends string>(
  node: Node<Feeds>,
  indices: Node<Feeds>,
  batchDims: number,
  name: string,
) {
  const depth = indices.shape.at(-1);
  const rank = indices.shape.length - 1;
  if (depth === undefined || batchDims < 0 || batchDims > rank || batchDims + depth > node.shape.length) {
    throw new ShapeError(
      `${name}: indices ${formatShape(indices.shape)} must be […, depth] with at least ${batchDims} axes before the tuples, ` +
        `and ${String(node)} must have at least ${batchDims} + depth axes.`,
      String(indices),
    );
  }
  const rest = node.shape.slice(batchDims + depth);
  const components = Array.from({ length: depth }, (_, j) => {
    const component = squeeze(sliceAxis(indices, -1, j, j + 1), -1);
    const wrapped = wrapIndices(component, extentOf(node.shape, batchDims + j));
    return reshape(wrapped, [...component.shape, ...rest.map(() => 1)]);
  });
  const sources = node.shape.map((_, axis) => {
    if (axis < batchDims) return axis;
    return axis < batchDims + depth ? batchDims - axis - 1 : rank + axis - batchDims - depth;
  });
  return { components, sources, shape: [...indices.shape.slice(0, -1), ...rest] };
}

/**
 * Slices of x at tuples of indices (ONNX GatherND): x [B…, n1, …, nd, R…], indices [B…, K…, d] int32 → [B…, K…, R…], where
 * B are `batchDims` shared leading axes. Negative indices count from the end; others outside read NaN, or 0 for integers.
 */
export function gatherND<Feeds extends string>(
  x: Node<Feeds>,
  indices: Node<Feeds>,
  { batchDims = 0 }: { readonly batchDims?: number } = {},
): Node<Feeds> {
  const { components, sources, shape } = tuples(x, indices, batchDims, "gatherND");
  return gatherAt(x, components, sources, shape);
}

/** A copy of base with updates [B…, K…, R…] at tuples of indices (ONNX ScatterND): the addressing of `gatherND`. */
export function scatterND<Feeds extends string>(
  base: Node<Feeds>,
  indices: Node<Feeds>,
  updates: Node<Feeds>,
  { batchDims = 0, combine = "set" }: ScatterOptions & { readonly batchDims?: number } = {},
): Node<Feeds> {
  const { components, sources } = tuples(base, indices, batchDims, "scatterND");
  return scatterAt(base, updates, components, sources, combine);
}

/** Elements of x along an axis, or of all elements in row-major order when there is none (NumPy take). See `gather`. */
export function take<Feeds extends string>(x: Node<Feeds>, indices: Node<Feeds>, axis?: number): Node<Feeds> {
  return axis === undefined ? gather(reshape(x, [sizeOf(x.shape)]), indices, 0) : gather(x, indices, axis);
}

/**
 * Rows of a table: table [n, D…], indices [I…] int32 → [I…, D…]. The row at `paddingIndex` is read but never has an adjoint.
 * See `gather` for indices outside.
 */
export function embedding<Feeds extends string>(
  table: Node<Feeds>,
  indices: Node<Feeds>,
  { paddingIndex }: { readonly paddingIndex?: number } = {},
): Node<Feeds> {
  const rows = gather(table, indices, 0);
  if (paddingIndex === undefined) return rows;
  const extent = extentOf(table.shape, 0);
  const padding = paddingIndex < 0 ? paddingIndex + extent : paddingIndex;
  const isPadding = equal(wrapIndices(indices, extent), padding);
  const trailing = table.shape.slice(1).map(() => 1);
  return where(reshape(isPadding, [...indices.shape, ...trailing]), stopGradient(rows), rows);
}

export interface OneHotOptions {
  /** Where the new axis goes; last unless given. */
  readonly axis?: number;
  readonly dtype?: DType;
}

/** 1 at each index on a new axis of extent `depth`, 0 elsewhere; all 0 for an index outside [-depth, depth). */
export function oneHot<Feeds extends string>(
  indices: Node<Feeds>,
  depth: number,
  { axis = -1, dtype = "float32" }: OneHotOptions = {},
): Node<Feeds> {
  if (indices.dtype !== "int32")
    throw new DTypeError(`oneHot: indices must be int32, not ${String(indices)}.`);
  const at = normalizeAxis(axis, indices.shape.length + 1, "oneHot");
  const positions = expandDims(wrapIndices(indices, depth), at);
  const shape = positions.shape.map((_, other) => (other === at ? depth : 1));
  return cast(equal(iota(shape, at), positions), dtype);
}
