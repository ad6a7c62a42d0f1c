/** Shapes as plain arrays of extents (row-major), axis normalization and NumPy broadcasting. It refuses to know ops. */

import { AttributeError, ShapeError } from "./errors.js";

export type Shape = readonly number[];

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Extent of an axis that is known to exist. */
export function extentOf(shape: Shape, axis: number): number {
  const extent = shape[axis];
  if (extent === undefined) throw new ShapeError(`Shape ${formatShape(shape)} has no axis ${axis}.`);
  return extent;
}

export function checkShape(shape: Shape, what: string): void {
  if (!Array.isArray(shape))
    throw new ShapeError(`${what}: a shape is a list of extents, not ${String(shape)}.`, what);
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0) {
      throw new ShapeError(
        `${what}: shape ${formatShape(shape)} must consist of non-negative integers.`,
        what,
      );
    }
  }
  if (!Number.isSafeInteger(sizeOf(shape))) {
    throw new ShapeError(`${what}: shape ${formatShape(shape)} has too many elements to address.`, what);
  }
}

/** NumPy broadcast of any number of shapes, or undefined where they do not agree. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [position, extent] of shape.entries()) {
      const axis = rank - shape.length + position;
      const other = result[axis] ?? 1;
      if (extent === other || extent === 1) continue;
      if (other !== 1) return undefined;
      result[axis] = extent;
    }
  }
  return result;
}

/** An axis in [-rank, rank) as one in [0, rank). */
export function normalizeAxis(axis: number, rank: number, what: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new AttributeError(`${what}: axis ${axis} is outside [${-rank}, ${rank}).`, what);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Sorted, distinct axes; every axis when none are given. */
export function normalizeAxes(
  axes: readonly number[] | number | undefined,
  rank: number,
  what: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const normalized = list.map((axis) => normalizeAxis(axis, rank, what)).sort((a, b) => a - b);
  const repeated = normalized.find((axis, position) => normalized[position + 1] === axis);
  if (repeated !== undefined) throw new AttributeError(`${what}: axis ${repeated} is given twice.`, what);
  return normalized;
}

/** An axis as ops keep it. @throws AttributeError for one that is negative or too large. */
export function checkAxis(axis: number, rank: number, what: string): number {
  if (axis < 0) throw new AttributeError(`${what}: axis ${axis} must be written as ${axis + rank}.`, what);
  return normalizeAxis(axis, rank, what);
}

/** Axes as ops keep them: sorted, distinct and not negative. @throws AttributeError otherwise. */
export function checkAxes(axes: readonly number[], rank: number, what: string): void {
  const normalized = normalizeAxes(axes, rank, what);
  if (normalized.some((axis, position) => axis !== axes[position])) {
    throw new AttributeError(`${what}: axes [${axes}] must be written as [${normalized}].`, what);
  }
}
