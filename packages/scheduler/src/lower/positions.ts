/** Positions on tensor dimensions while a kernel is built: affine where possible, computed scalars elsewhere. */

import { type Shape, stridesOf } from "@adjoint/core";
import {
  type Affine,
  addAffine,
  type Bound,
  type Coordinate,
  constant,
  coordinate,
  type KernelScalar,
  rangeOfAffine,
  scalar as s,
  scaleAffine,
  zero,
} from "@adjoint/core/kernel";

export type Position = Affine | KernelScalar;

export function isAffine(position: Position): position is Affine {
  return !("kind" in position);
}

/** An affine value as int32 arithmetic over coordinates. */
export function scalarOf(position: Position): KernelScalar {
  if (!isAffine(position)) return position;
  let total: KernelScalar | undefined;
  for (const [axis, stride] of position.strides.entries()) {
    if (stride === 0) continue;
    const leaf: Coordinate = coordinate(axis);
    const term: KernelScalar = stride === 1 ? leaf : s.mul<typeof leaf>(leaf, constant(stride, "int32"));
    total = total === undefined ? term : s.add(total, term);
  }
  if (total === undefined) return constant(position.offset, "int32");
  return position.offset === 0 ? total : s.add(total, constant(position.offset, "int32"));
}

/** An access expression over a node's own axes, as one over the kernel's axes. */
export function composePosition(expression: Affine, axes: readonly Position[]): Position {
  let affine: Affine = { offset: expression.offset, strides: [] };
  let computed: KernelScalar | undefined;
  for (const [axis, stride] of expression.strides.entries()) {
    const position = axes[axis] ?? zero;
    if (stride === 0) continue;
    if (isAffine(position)) affine = addAffine(affine, scaleAffine(position, stride));
    else {
      const term = stride === 1 ? position : s.mul(position, constant(stride, "int32"));
      computed = computed === undefined ? term : s.add(computed, term);
    }
  }
  if (computed === undefined) return affine;
  const fixed = affine.offset !== 0 || affine.strides.some((stride) => stride !== 0);
  return fixed ? s.add(computed, scalarOf(affine)) : computed;
}

/** The element offset of affine positions in a row-major tensor. */
export function linearize(positions: readonly Affine[], shape: Shape): Affine {
  const strides = stridesOf(shape);
  return positions.reduce(
    (sum, position, axis) => addAffine(sum, scaleAffine(position, strides[axis] ?? 0)),
    zero,
  );
}

/**
 * The positions on each dimension of a shape that an element offset stands for, or undefined where they are not affine:
 * every term goes to the outermost dimension whose stride divides it, and no dimension may overflow.
 */
export function delinearize(linear: Affine, shape: Shape, extents: readonly number[]): Affine[] | undefined {
  if ([...shape, ...extents].includes(0)) return shape.map(() => zero);
  const strides = stridesOf(shape);
  let offset = linear.offset;
  const positions: Affine[] = strides.map((stride) => {
    const quotient = Math.floor(offset / stride);
    offset -= quotient * stride;
    return { offset: quotient, strides: [] };
  });
  for (const [axis, stride] of linear.strides.entries()) {
    if (stride === 0 || (extents[axis] ?? 1) <= 1) continue;
    const dimension = strides.findIndex(
      (size, index) => (shape[index] ?? 1) > 1 && stride % size === 0 && size <= Math.abs(stride),
    );
    if (dimension < 0) return undefined;
    const term = new Array<number>(axis + 1).fill(0);
    term[axis] = stride / (strides[dimension] ?? 1);
    positions[dimension] = addAffine(positions[dimension] ?? zero, { offset: 0, strides: term });
  }
  const fits = positions.every((position, dimension) => {
    const { low, high } = rangeOfAffine(position, extents);
    return low >= 0 && high < (shape[dimension] ?? 1);
  });
  return fits ? positions : undefined;
}

/** Positions on a shape that differs from theirs in dimensions of extent 1 only; undefined where it differs otherwise. */
export function aroundUnits(positions: readonly Position[], from: Shape, to: Shape): Position[] | undefined {
  const moving = positions.filter((_, dimension) => from[dimension] !== 1);
  const extents = (shape: Shape): string => shape.filter((extent) => extent !== 1).join();
  if (extents(from) !== extents(to)) return undefined;
  return to.map((extent) => (extent === 1 ? zero : (moving.shift() ?? zero)));
}

/** Whether positions, computed ones among them, lie within a shape, as a bool scalar. */
export function within(
  positions: readonly Position[],
  shape: Shape,
  extents: readonly number[],
): KernelScalar {
  const inside = positions.map((position, dimension): KernelScalar => {
    const extent = shape[dimension] ?? 1;
    if (isAffine(position)) return boundsHold(neededBounds([{ value: position, extent }], extents));
    return s.and(s.le(constant(0, "int32"), position), s.lt(position, constant(extent, "int32")));
  });
  return inside.reduce((all, condition) => s.and(all, condition), constant(1, "bool"));
}

/** Only the bounds that can be violated. */
export function neededBounds(bounds: readonly Bound[], extents: readonly number[]): Bound[] {
  return bounds.filter(({ value, extent }) => {
    const { low, high } = rangeOfAffine(value, extents);
    return low < 0 || high >= extent;
  });
}

/** Whether all bounds hold, as a bool scalar. */
export function boundsHold(bounds: readonly Bound[]): KernelScalar {
  const conditions = bounds.map(({ value, extent }) => {
    const position = scalarOf(value);
    return s.and(s.le(constant(0, "int32"), position), s.lt(position, constant(extent, "int32")));
  });
  return conditions.reduce<KernelScalar>((all, condition) => s.and(all, condition), constant(1, "bool"));
}
