/** Affine index expressions over the axes of a loop nest. It refuses anything that is not a sum of strided axes. */

/** offset + Σ strides[axis] · axis; axes past the end of `strides` have stride 0. */
export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

export const zero: Affine = { offset: 0, strides: [] };

/** The position on one axis, times a stride. */
export function axisTimes(axis: number, stride = 1): Affine {
  const strides = new Array<number>(axis + 1).fill(0);
  strides[axis] = stride;
  return { offset: 0, strides };
}

export function addAffine(a: Affine, b: Affine): Affine {
  const strides = new Array<number>(Math.max(a.strides.length, b.strides.length)).fill(0);
  for (let axis = 0; axis < strides.length; axis++) {
    strides[axis] = (a.strides[axis] ?? 0) + (b.strides[axis] ?? 0);
  }
  return { offset: a.offset + b.offset, strides };
}

export function scaleAffine(a: Affine, factor: number): Affine {
  return { offset: a.offset * factor, strides: a.strides.map((stride) => stride * factor) };
}

export function shiftAffine(a: Affine, offset: number): Affine {
  return { offset: a.offset + offset, strides: a.strides };
}

/** `a` with each of its axes replaced by an expression over other axes. */
export function composeAffine(a: Affine, axes: readonly Affine[]): Affine {
  let result: Affine = { offset: a.offset, strides: [] };
  for (const [axis, stride] of a.strides.entries()) {
    if (stride !== 0) result = addAffine(result, scaleAffine(axes[axis] ?? zero, stride));
  }
  return result;
}

export function evaluateAffine(a: Affine, point: readonly number[]): number {
  let value = a.offset;
  for (let axis = 0; axis < a.strides.length; axis++) value += (a.strides[axis] ?? 0) * (point[axis] ?? 0);
  return value;
}

/** Smallest and largest value over the box of extents (all at least 1). */
export function rangeOfAffine(a: Affine, extents: readonly number[]): { low: number; high: number } {
  let low = a.offset;
  let high = a.offset;
  for (const [axis, stride] of a.strides.entries()) {
    const reach = stride * Math.max(0, (extents[axis] ?? 1) - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return { low, high };
}

/** Equal as functions: axes with stride 0 do not count. */
export function sameAffine(a: Affine, b: Affine): boolean {
  if (a.offset !== b.offset) return false;
  const rank = Math.max(a.strides.length, b.strides.length);
  for (let axis = 0; axis < rank; axis++) {
    if ((a.strides[axis] ?? 0) !== (b.strides[axis] ?? 0)) return false;
  }
  return true;
}

export function formatAffine(a: Affine, axisName: (axis: number) => string): string {
  const terms: string[] = [];
  for (const [axis, stride] of a.strides.entries()) {
    if (stride === 0) continue;
    const magnitude = Math.abs(stride) === 1 ? axisName(axis) : `${Math.abs(stride)}*${axisName(axis)}`;
    terms.push(`${stride < 0 ? "- " : terms.length > 0 ? "+ " : ""}${magnitude}`);
  }
  if (a.offset !== 0 || terms.length === 0) {
    terms.push(`${a.offset < 0 ? "- " : terms.length > 0 ? "+ " : ""}${Math.abs(a.offset)}`);
  }
  return terms.join(" ");
}
