/** Where a node is evaluated while a kernel is built, and keys by which equal evaluations are shared. */

import type { Affine, Bound } from "@adjoint/core/kernel";
import { isAffine, type Position } from "./positions.js";

/** The axes in scope: kernel axes, then those of the stage. */
export interface Scope {
  readonly extents: readonly number[];
  /** How many are the kernel's. */
  readonly outer: number;
}

export interface Point {
  /** One per dimension of the node. */
  readonly positions: readonly Position[];
  /** What must hold for the value to be used: nothing may be read from memory elsewhere. */
  readonly bounds: readonly Bound[];
  readonly scope: Scope;
}

export function affineKey({ offset, strides }: Affine): readonly number[] {
  return [offset, ...strides.flatMap((stride, axis) => (stride === 0 ? [] : [axis, stride]))];
}

export function boundKey({ value, extent }: Bound): readonly unknown[] {
  return [affineKey(value), extent];
}

/** Equal keys are equal points; undefined where positions are computed. */
export function pointKey({ positions, bounds, scope }: Point): string | undefined {
  if (!positions.every(isAffine)) return undefined;
  return JSON.stringify([positions.map(affineKey), bounds.map(boundKey), scope.extents]);
}
