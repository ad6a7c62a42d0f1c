/** Kernels whose last axis runs a linear recurrence y_i = a_i y_{i-1} + b_i, one number from step to step. */

import {
  type Affine,
  addAffine,
  axisTimes,
  type Kernel,
  type KernelScalar,
  type Load,
  loadsOf,
  type Store,
} from "@adjoint/core/kernel";

export interface Recurrence {
  /** Stores y_i, whose value is factor · previous + term. */
  readonly store: Store;
  readonly factor: KernelScalar;
  readonly term: KernelScalar;
  readonly length: number;
}

/** Undefined for every other kernel. */
export function recurrenceOf(kernel: Kernel): Recurrence | undefined {
  const { axes, stages } = kernel;
  const [stage, ...others] = stages;
  const last = axes.at(-1);
  if (
    stage === undefined ||
    others.length + kernel.aliases.length > 0 ||
    stage.axes.length + stage.accumulators.length > 0
  )
    return undefined;
  if (last?.order !== "sequential" || axes.filter(({ order }) => order === "sequential").length > 1)
    return undefined;
  const [store, ...more] = stage.stores;
  if (store === undefined || more.length + store.indirect.length + store.bounds.length > 0) return undefined;
  const own = loadsOf(stage).filter(({ buffer }) => kernel.buffers[buffer]?.access !== "read");
  const [previous] = own;
  if (previous === undefined || own.length > 1 || !isBefore(previous, store, axes.length - 1))
    return undefined;
  const parts = linearIn(store.value, previous);
  return parts === undefined ? undefined : { store, ...parts, length: last.extent };
}

/** Whether a load is of what the step before stored, or 0 at the first step. */
function isBefore({ buffer, offset, bounds, indirect, fill }: Load, store: Store, axis: number): boolean {
  const [bound, ...others] = bounds;
  const step = store.offset.strides[axis] ?? 0;
  return (
    buffer === store.buffer &&
    fill === 0 &&
    indirect.length + others.length === 0 &&
    isSame(offset, addAffine(store.offset, { offset: -step, strides: [] })) &&
    bound !== undefined &&
    isSame(bound.value, addAffine(axisTimes(axis), { offset: -1, strides: [] }))
  );
}

function isSame(a: Affine, b: Affine): boolean {
  const length = Math.max(a.strides.length, b.strides.length);
  const strides = Array.from({ length }, (_, axis) => (a.strides[axis] ?? 0) - (b.strides[axis] ?? 0));
  return a.offset === b.offset && strides.every((difference) => difference === 0);
}

/** Factor and term of factor · previous + term. */
function linearIn(value: KernelScalar, previous: Load): Pick<Recurrence, "factor" | "term"> | undefined {
  if (value.kind !== "operation" || value.op !== "add" || value.dtype !== "float32") return undefined;
  for (const [product, term] of [value.inputs, [...value.inputs].reverse()]) {
    if (product?.kind !== "operation" || product.op !== "mul" || term === undefined) continue;
    const factor = product.inputs.find((input) => input !== previous);
    if (product.inputs.includes(previous) && factor !== undefined) return { factor, term };
  }
  return undefined;
}
