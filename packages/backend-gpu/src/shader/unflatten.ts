/** Coordinates from row-major positions. */

import type { Scope } from "../wgsl/scope.js";

/** Declares the coordinates of a position on axes, each under its name. */
export function unflatten(
  scope: Scope,
  position: string,
  axes: readonly { readonly axis: number; readonly extent: number }[],
  nameOf: (axis: number) => string = (axis) => `i${axis}`,
): void {
  let rest = position;
  for (let k = axes.length - 1; k >= 0; k--) {
    const { axis, extent } = axes[k] ?? { axis: 0, extent: 1 };
    const name = nameOf(axis);
    if (k === 0) scope.line(`let ${name} = ${rest === position ? position : `i32(${rest})`};`);
    else {
      // Unsigned: a signed quotient takes several times as many instructions.
      scope.line(`let ${name}_all = ${rest === position ? `u32(${position})` : rest};`);
      scope.line(`let ${name} = i32(${name}_all % ${extent}u);`);
      rest = `${name}_all / ${extent}u`;
    }
  }
}
