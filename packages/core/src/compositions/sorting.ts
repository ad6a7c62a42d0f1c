/** Sorted values, the largest few, ranks and search, as plain functions over argSort and gather. */

import { isFloat } from "../dtype.js";
import { AttributeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, equal, less, lessEqual, notEqual, sub, where } from "../ops/arithmetic.js";
import { gatherAt } from "../ops/indexing.js";
import { constant } from "../ops/leaf.js";
import { squeeze } from "../ops/movement.js";
import { sliceAxis } from "../ops/slice.js";
import { argSort, type SortOptions } from "../ops/sorting.js";
import { extentOf, normalizeAxis, sameShape } from "../shape.js";
import { gatherElements } from "./indexing.js";

export interface Ranked<Feeds extends string = string> {
  readonly values: Node<Feeds>;
  /** int32 positions along the axis. */
  readonly indices: Node<Feeds>;
}

/** Elements in order along an axis. The adjoint goes back to where each element came from. See `argSort`. */
export function sort<Feeds extends string>(x: Node<Feeds>, options: SortOptions = {}): Node<Feeds> {
  return gatherElements(x, argSort(x, options), options.axis ?? -1);
}

export interface TopKOptions {
  readonly axis?: number;
  /** The largest elements, descending, unless false: then the smallest, ascending. */
  readonly largest?: boolean;
}

/** The k largest (or smallest) elements along an axis in order, with their positions. Of equal ones the first come first. */
export function topK<Feeds extends string>(
  x: Node<Feeds>,
  k: number,
  { axis = -1, largest = true }: TopKOptions = {},
): Ranked<Feeds> {
  const at = normalizeAxis(axis, x.shape.length, "topK");
  if (!Number.isInteger(k) || k < 0 || k > extentOf(x.shape, at)) {
    throw new AttributeError(
      `topK: k = ${k} must be an integer in [0, ${extentOf(x.shape, at)}] for ${String(x)}.`,
      "k",
    );
  }
  const indices = sliceAxis(argSort(x, { axis: at, descending: largest }), at, 0, k);
  return { values: gatherElements(x, indices, at), indices };
}

/** The k-th smallest element along an axis, counted from 1, with its position. */
export function kthValue<Feeds extends string>(
  x: Node<Feeds>,
  k: number,
  { axis = -1, keepDims = false }: { readonly axis?: number; readonly keepDims?: boolean } = {},
): Ranked<Feeds> {
  const at = normalizeAxis(axis, x.shape.length, "kthValue");
  if (!Number.isInteger(k) || k < 1 || k > extentOf(x.shape, at)) {
    throw new AttributeError(
      `kthValue: k = ${k} must be an integer in [1, ${extentOf(x.shape, at)}] for ${String(x)}.`,
      "k",
    );
  }
  const indices = sliceAxis(argSort(x, { axis: at }), at, k - 1, k);
  const values = gatherElements(x, indices, at);
  return keepDims ? { values, indices } : { values: squeeze(values, at), indices: squeeze(indices, at) };
}

export interface SearchOptions {
  /** The first position that keeps the order (`left`), or the last. */
  readonly side?: "left" | "right";
}

/**
 * Where values would be inserted into ascending sequences (NumPy searchsorted), by bisection: sorted [n] and values of any
 * shape, or sorted […, n] and values […, m] with equal leading axes → int32 positions in [0, n], shaped like values.
 * NaN counts as the largest number.
 */
export function searchSorted<Feeds extends string>(
  sorted: Node<Feeds>,
  values: Node<Feeds>,
  { side = "left" }: SearchOptions = {},
): Node<Feeds> {
  const last = sorted.shape.length - 1;
  const batch = sorted.shape.slice(0, -1);
  if (last < 0 || (last > 0 && !sameShape(batch, values.shape.slice(0, -1)))) {
    throw new ShapeError(
      `searchSorted: ${String(sorted)} must be [n], or […, n] with the leading axes of ${String(values)}.`,
      String(sorted),
    );
  }
  const extent = extentOf(sorted.shape, last);
  const sources = [...batch.keys(), -1];
  let position: Node<Feeds> = constant(0, { dtype: "int32", shape: values.shape });
  for (let step = 2 ** Math.floor(Math.log2(Math.max(1, extent))); step >= 1; step /= 2) {
    const candidate = add(position, step);
    const element = gatherAt(sorted, [sub(candidate, 1)], sources, values.shape, 0);
    const goes = side === "left" ? precedes(element, values) : notAfter(element, values);
    const inside = lessEqual(candidate, extent);
    position = where(inside, where(goes, candidate, position), position);
  }
  return position;
}

/** a < b, where NaN counts as the largest number. */
function precedes<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  return isFloat(a.dtype) ? where(notEqual(b, b), equal(a, a), less(a, b)) : less(a, b);
}

/** a ≤ b, where NaN counts as the largest number. */
function notAfter<Feeds extends string>(a: Node<Feeds>, b: Node<Feeds>): Node<Feeds> {
  if (!isFloat(a.dtype)) return lessEqual(a, b);
  const last = notEqual(b, b);
  return where(last, last, lessEqual(a, b));
}
