/** The same kernel with its indices, axes or dtypes written otherwise. It refuses to change what is computed. */

import type { DType } from "@adjoint/core";
import {
  type Affine,
  type Indirect,
  isConstant,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Location,
  rootsOf,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";

export interface Rewriting {
  readonly affine?: (value: Affine) => Affine;
  /** What a coordinate becomes. */
  readonly axis?: (axis: number) => number;
  readonly dtype?: (dtype: DType) => DType;
  /** What a leaf becomes once its own indices are rewritten. */
  readonly leaf?: (leaf: KernelScalar) => KernelScalar;
}

/** Shared scalars stay shared. */
export function rewriteStages(stages: readonly Stage[], how: Rewriting): Stage[] {
  const { affine = same, axis = same, dtype = same, leaf = same } = how;
  const done = new Map<KernelScalar, KernelScalar>();
  const of = (scalar: KernelScalar): KernelScalar => done.get(scalar) ?? scalar;
  const place = <L extends Location>(location: L): L => ({
    ...location,
    offset: affine(location.offset),
    indirect: location.indirect.map((part): Indirect => ({ ...part, index: of(part.index) })),
    bounds: location.bounds.map((bound) => ({ ...bound, value: affine(bound.value) })),
  });
  const one = (scalar: KernelScalar): KernelScalar => {
    if (isOperation(scalar)) return { ...scalar, dtype: dtype(scalar.dtype), inputs: scalar.inputs.map(of) };
    if (isConstant(scalar)) return { ...scalar, dtype: dtype(scalar.dtype) };
    if (scalar.kind === "coordinate") return leaf({ ...scalar, axis: axis(scalar.axis) });
    if (scalar.kind === "accumulator") return leaf({ ...scalar, dtype: dtype(scalar.dtype) });
    return leaf({ ...place(scalar), dtype: dtype(scalar.dtype) });
  };
  return stages.map((stage): Stage => {
    for (const scalar of scalarsOf(rootsOf(stage))) if (!done.has(scalar)) done.set(scalar, one(scalar));
    return {
      axes: stage.axes,
      accumulators: stage.accumulators.map((old) => ({ ...old, value: of(old.value) })),
      stores: stage.stores.map((store) => ({ ...place(store), value: of(store.value) })),
    };
  });
}

function same<T>(value: T): T {
  return value;
}

/** Moves axes to new positions; positions that no axis moves to get stride 0. */
export function moveAxes(stages: readonly Stage[], to: (axis: number) => number): Stage[] {
  return rewriteStages(stages, {
    axis: to,
    affine: ({ offset, strides }) => {
      const moved: number[] = [];
      for (const [axis, stride] of strides.entries()) {
        if (stride === 0) continue;
        const target = to(axis);
        while (moved.length <= target) moved.push(0);
        moved[target] = (moved[target] ?? 0) + stride;
      }
      return { offset, strides: moved };
    },
  });
}

/** A kernel with one more parallel axis behind its own, which nothing depends on yet. */
export function appendAxis(kernel: Kernel, extent: number): Kernel {
  const position = kernel.axes.length;
  return {
    ...kernel,
    axes: [...kernel.axes, { extent, order: "parallel" }],
    stages: moveAxes(kernel.stages, (axis) => (axis < position ? axis : axis + 1)),
  };
}

/** Computed in float32; only buffers keep the halves. */
export function widenHalves(kernel: Kernel): Kernel {
  if (kernel.buffers.every(({ dtype }) => dtype !== "float16")) return kernel;
  const dtype = (from: DType): DType => (from === "float16" ? "float32" : from);
  return { ...kernel, stages: rewriteStages(kernel.stages, { dtype }) };
}
