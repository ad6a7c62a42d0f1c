/**
 * Whether different points of a stage touch different elements, from the digits of addresses: strides that divide each other are
 * a mixed radix, in which equal addresses have equal digits. It says yes only where that follows; a no may be wrong.
 */

import {
  type Affine,
  type Bound,
  extentsOf,
  type Kernel,
  type Location,
  type Stage,
  scaleAffine,
} from "@adjoint/core/kernel";

/** Of a place, by radix from the largest on; undefined where it is computed from data. */
type Digits = readonly (Affine | undefined)[];

interface Place {
  readonly digits: Digits;
  readonly bounds: readonly Bound[];
}

interface Axes {
  readonly extents: readonly number[];
  /** How many of them belong to the kernel, and are the same for all points that are compared. */
  readonly outer: number;
}

/** Whether no point touches any of `places` where another one touches `store`, all in one memory. */
export function isApartFrom(
  kernel: Kernel,
  stage: Stage,
  store: Location,
  places: readonly Location[],
): boolean {
  const axes: Axes = { extents: extentsOf(kernel, stage), outer: kernel.axes.length };
  const all = relative([store, ...places], axes);
  const radices = radicesOf(all);
  const [first, ...others] = all.map((place) => placeOf(place, radices, axes));
  return (
    first !== undefined &&
    [first, ...others].every((other) => other !== undefined && neverMeet(first, other, axes))
  );
}

/** The same places without what moves all of them alike, or does not move. */
function relative(places: readonly Location[], { extents, outer }: Axes): readonly Location[] {
  const strideOf = ({ offset }: Location, axis: number): number => offset.strides[axis] ?? 0;
  const matters = extents.map((extent, axis) => {
    const isCommon = new Set(places.map((place) => strideOf(place, axis))).size === 1;
    return extent > 1 && !(axis < outer && isCommon);
  });
  return places.map((place) => {
    const strides = matters.map((does, axis) => (does ? strideOf(place, axis) : 0));
    return { ...place, offset: { ...place.offset, strides } };
  });
}

/** Strides from the largest to 1, each a multiple of the next; strides that do not fit in are left out. */
function radicesOf(places: readonly Location[]): number[] {
  const strides = places.flatMap(({ offset, indirect }) => [
    ...offset.strides,
    ...indirect.map(({ stride }) => stride),
  ]);
  const radices = [1];
  for (const stride of [...new Set(strides.map(Math.abs))].sort((a, b) => a - b))
    if (stride > 0 && stride % (radices[0] ?? 1) === 0 && stride !== radices[0]) radices.unshift(stride);
  return radices;
}

/** Undefined where a digit may leave its radix. */
function placeOf(
  { offset, indirect, bounds }: Location,
  radices: readonly number[],
  axes: Axes,
): Place | undefined {
  const of = (stride: number): number => radices.findIndex((radix) => stride % radix === 0);
  const unknown = new Set(indirect.map(({ stride }) => of(stride)));
  let rest = offset;
  const digits = radices.map((radix): Affine => {
    const strides = rest.strides.map((stride) => Math.trunc(stride / radix));
    const digit = { offset: Math.floor(rest.offset / radix), strides };
    rest = difference(rest, scaleAffine(digit, radix));
    return digit;
  });
  const fits = digits.every((digit, k) => {
    const larger = radices[k - 1];
    if (larger === undefined) return true;
    const [low, high] = rangeOf(digit, axes.extents);
    const computed = indirect
      .filter(({ stride }) => of(stride) === k)
      .map(({ stride, extent }) => (stride / (radices[k] ?? 1)) * (extent - 1));
    const above = computed.reduce((sum, reach) => sum + Math.max(0, reach), high);
    const below = computed.reduce((sum, reach) => sum + Math.min(0, reach), low);
    return below >= 0 && above < larger / (radices[k] ?? 1);
  });
  return fits
    ? { digits: digits.map((digit, k) => (unknown.has(k) ? undefined : digit)), bounds }
    : undefined;
}

function rangeOf({ offset, strides }: Affine, extents: readonly number[]): [low: number, high: number] {
  let [low, high] = [offset, offset];
  for (const [axis, stride] of strides.entries()) {
    const reach = stride * Math.max(0, (extents[axis] ?? 1) - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

/** Whether two places at different points are different elements. */
function neverMeet(a: Place, b: Place, axes: Axes): boolean {
  const found = new Set<number>();
  for (const [k, digit] of a.digits.entries()) {
    const other = b.digits[k];
    if (digit === undefined || other === undefined) continue;
    if (alwaysDiffer(digit, other, a.bounds, b.bounds, axes)) return true;
    if (!isEqual(digit, other)) continue;
    const inner = digit.strides.flatMap((stride, axis) => (axis >= axes.outer && stride !== 0 ? [axis] : []));
    // A digit that moves with one axis alone says where on it the point is.
    if (inner.length === 1) for (const axis of inner) found.add(axis);
  }
  return axes.extents.every((extent, axis) => axis < axes.outer || extent <= 1 || found.has(axis));
}

function isEqual(a: Affine, b: Affine): boolean {
  return [...difference(a, b).strides, a.offset - b.offset].every((value) => value === 0);
}

function difference(a: Affine, b: Affine): Affine {
  const length = Math.max(a.strides.length, b.strides.length);
  const strides = Array.from({ length }, (_, axis) => (a.strides[axis] ?? 0) - (b.strides[axis] ?? 0));
  return { offset: a.offset - b.offset, strides };
}

/** Whether two digits at any two points differ, of which the one lies within `first` and the other within `second`. */
function alwaysDiffer(
  a: Affine,
  b: Affine,
  first: readonly Bound[],
  second: readonly Bound[],
  { extents, outer }: Axes,
): boolean {
  // Axes of both points: those of the kernel once, those of the stage for each.
  const count = extents.length;
  const both = [...extents, ...extents.slice(outer)];
  const later = ({ offset, strides }: Affine): Affine => {
    const moved = both.map((_, axis) => (axis < outer ? (strides[axis] ?? 0) : 0));
    for (const [axis, stride] of strides.entries()) if (axis >= outer) moved[axis + count - outer] = stride;
    return { offset, strides: moved };
  };
  const apart = difference(a, later(b));
  const bounds = [...first, ...second.map(({ value, extent }) => ({ value: later(value), extent }))];
  const excludesZero = (low: number, high: number): boolean => low > 0 || high < 0;
  if (excludesZero(...rangeOf(apart, both))) return true;
  const none: Affine = { offset: 0, strides: [] };
  return bounds.some(({ value, extent }) => {
    const [lowAbove, highAbove] = rangeOf(difference(apart, value), both);
    const [lowBelow, highBelow] = rangeOf(difference(apart, difference(none, value)), both);
    return excludesZero(lowAbove, highAbove + extent - 1) || excludesZero(lowBelow - (extent - 1), highBelow);
  });
}
