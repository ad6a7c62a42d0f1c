/** Affine indices as i32 expressions over the names of axes. */

import type { Affine } from "@adjoint/core/kernel";

/** `axisName` gives the variable of an axis. */
export function writeAffine({ offset, strides }: Affine, axisName: (axis: number) => string): string {
  const terms = strides.flatMap((stride, axis) => {
    if (stride === 0) return [];
    return [stride === 1 ? axisName(axis) : `${integer(stride)} * ${axisName(axis)}`];
  });
  if (offset !== 0 || terms.length === 0) terms.push(integer(offset));
  return terms.join(" + ");
}

function integer(value: number): string {
  return value < 0 ? `(${value}i)` : `${value}i`;
}
