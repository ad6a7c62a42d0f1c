/**
 * Scalars and locations of a kernel over other axes: each old axis is an affine expression over the new ones. It refuses to
 * know why.
 */

import {
  type Affine,
  composeAffine,
  type KernelLeaf,
  type KernelScalar,
  type Location,
  scalar as s,
  substitute,
} from "@adjoint/core/kernel";

export interface Reindexed {
  readonly affine: (old: Affine) => Affine;
  readonly scalar: (old: KernelScalar) => KernelScalar;
  readonly location: <L extends Location>(old: L) => L;
}

/** Axes beyond the table are at 0. `leaf` replaces leaves that have been moved, such as accumulators. */
export function reindex(
  axes: readonly Affine[],
  leaf: (moved: KernelLeaf) => KernelScalar = (moved) => moved,
): Reindexed {
  const done = new Map<KernelScalar, KernelScalar>();
  const affine = (old: Affine): Affine => composeAffine(old, axes);
  const scalar = (old: KernelScalar): KernelScalar => substitute<KernelLeaf, KernelLeaf>(old, moved, done);
  const location = <L extends Location>(old: L): L => ({
    ...old,
    offset: affine(old.offset),
    bounds: old.bounds.map(({ value, extent }) => ({ value: affine(value), extent })),
    indirect: old.indirect.map((part) => ({ ...part, index: scalar(part.index) })),
  });
  const moved = (old: KernelLeaf): KernelScalar => {
    if (old.kind === "coordinate") return positionOf(axes[old.axis] ?? { offset: 0, strides: [] });
    return leaf(old.kind === "load" ? location(old) : old);
  };
  return { affine, scalar, location };
}

/** An affine expression as an int32 scalar. */
function positionOf({ offset, strides }: Affine): KernelScalar {
  const terms = strides.flatMap((stride, axis): KernelScalar[] => {
    const at: KernelScalar = { kind: "coordinate", dtype: "int32", axis };
    if (stride === 0) return [];
    return [stride === 1 ? at : s.mul(at, stride)];
  });
  const [first, ...others] = terms;
  if (first === undefined) return { kind: "constant", dtype: "int32", value: offset };
  const sum = others.reduce((total, term) => s.add(total, term), first);
  return offset === 0 ? sum : s.add(sum, offset);
}
