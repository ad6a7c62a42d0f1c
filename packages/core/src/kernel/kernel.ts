/**
 * The Kernel language: one fused loop nest over flat buffers, with scalar bodies from the closed operation set.
 *
 *     for each point of kernel.axes            (parallel axes in any order, sequential ones in theirs)
 *       for each stage in order
 *         accumulators := identity
 *         for each point of stage.axes         (row-major order)
 *           accumulators := combine(accumulator, value)
 *           stores
 *
 * Axes are numbered kernel axes first, then those of the stage. A stage's accumulators can be read by its own stores
 * (the running value: a scan) and by every later stage (the final value). Parallel points of `kernel.axes` touch
 * disjoint elements of what they write. Two buffers may be the same memory only where `aliases` says so.
 * The language refuses to know tensors, shapes, views and addresses.
 */

import type { DType } from "../dtype.js";
import type { Affine } from "../lowering/affine.js";
import type { Coordinate, Scalar } from "../scalar/scalar.js";
import type { Combine } from "./combine.js";

export type Order = "parallel" | "sequential";

export interface Axis {
  readonly extent: number;
  readonly order: Order;
}

export interface KernelBuffer {
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
  /** `write`: every element is stored before it is loaded; `update`: the old content is read as well. */
  readonly access: "read" | "write" | "update";
}

/** 0 ≤ value < extent must hold, or the access does not take place. */
export interface Bound {
  readonly value: Affine;
  readonly extent: number;
}

/** A computed part of an address: stride · index, where an index outside [0, extent) cancels the access. */
export interface Indirect {
  readonly index: Scalar<KernelLeaf>;
  readonly stride: number;
  readonly extent: number;
}

export interface Location {
  readonly buffer: number;
  /** Elements from the start of the buffer. */
  readonly offset: Affine;
  readonly indirect: readonly Indirect[];
  readonly bounds: readonly Bound[];
}

/** A load that yields `fill` when a bound or an indirect index is violated. */
export interface Load extends Location {
  readonly kind: "load";
  readonly dtype: DType;
  readonly fill: number;
}

export interface AccumulatorValue {
  readonly kind: "accumulator";
  readonly dtype: DType;
  readonly stage: number;
  readonly index: number;
}

export type KernelLeaf = Coordinate | Load | AccumulatorValue;
export type KernelScalar = Scalar<KernelLeaf>;

export interface Accumulator {
  readonly combine: Combine;
  readonly value: KernelScalar;
}

/** A store that does not take place when a bound or an indirect index is violated; `combine` reads, combines, writes. */
export interface Store extends Location {
  readonly value: KernelScalar;
  readonly combine?: Combine;
}

export interface Stage {
  readonly axes: readonly number[];
  readonly accumulators: readonly Accumulator[];
  readonly stores: readonly Store[];
}

export interface Kernel {
  readonly buffers: readonly KernelBuffer[];
  readonly axes: readonly Axis[];
  readonly stages: readonly Stage[];
  /** Pairs [written, read] of buffers that may be one memory: every load of the one precedes the store that overwrites it. */
  readonly aliases: readonly (readonly [number, number])[];
}

/** Extents of all axes in scope in a stage. */
export function extentsOf(kernel: Kernel, stage: Stage): number[] {
  return [...kernel.axes.map((axis) => axis.extent), ...stage.axes];
}
