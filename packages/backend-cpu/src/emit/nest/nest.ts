/** A kernel ready to be emitted: simplified axes, interned nodes, nothing that runs zero times. It refuses to choose how to run. */

import type { DType } from "@adjoint/core";
import {
  type Combine,
  expandKernel,
  identityOf,
  type Kernel,
  type KernelBuffer,
  type Stage as KernelStage,
  type Store as KernelStore,
} from "@adjoint/core/kernel";
import { type Axes, type StageAxes, simplifyAxes } from "./axes.js";
import { type Interned, Interner } from "./intern.js";
import { axesOfAffine, bit, inputsOfPlace, type Node, type Place, postorderOfNodes } from "./node.js";

export interface NestAccumulator {
  readonly combine: Combine;
  readonly dtype: DType;
  readonly value: Node;
  /** What reads it. */
  readonly node: Node;
}

export interface NestStore extends Place {
  readonly value: Node;
  readonly combine: Combine | undefined;
  /** Bit set of the axes of the place and the value together. */
  readonly axes: bigint;
}

export interface NestStage {
  /** Position in the kernel: what accumulator nodes name. */
  readonly position: number;
  readonly axes: readonly number[];
  readonly accumulators: readonly NestAccumulator[];
  readonly stores: readonly NestStore[];
  /** Bit set of the buffers it stores to. */
  readonly stored: bigint;
  /** What it evaluates directly: the values of accumulators and stores, guards and computed indices of stores. */
  readonly roots: readonly Node[];
  /** Everything that it evaluates, inputs before users. */
  readonly nodes: readonly Node[];
}

export interface Nest {
  readonly buffers: readonly KernelBuffer[];
  /** Extent of every axis, kernel axes and those of all stages. */
  readonly extents: readonly number[];
  readonly axes: readonly number[];
  /** How many of them, the first ones, have their position given from outside. */
  readonly given: number;
  readonly parallel: ReadonlySet<number>;
  readonly stages: readonly NestStage[];
}

export function buildNest(source: Kernel, given = 0, pairs = false): Nest {
  const kernel = expandKernel(source);
  const axes = simplifyAxes(kernel, given);
  const nest = {
    buffers: kernel.buffers,
    extents: axes.extents,
    axes: axes.kernel,
    given,
    parallel: axes.parallel,
    stages: [],
  };
  if (kernel.axes.some(({ extent }) => extent === 0)) return nest;
  const interner = new Interner(kernel, axes, pairs);
  const stages = kernel.stages.flatMap((stage, position) => {
    const own = axes.stages[position];
    return own === undefined ? [] : buildStage(stage, position, own, axes, interner);
  });
  return { ...nest, stages };
}

function buildStage(
  stage: KernelStage,
  position: number,
  own: StageAxes,
  axes: Axes,
  interner: Interner,
): NestStage[] {
  if (stage.axes.some((extent) => extent === 0)) {
    for (const [index, { combine, value }] of stage.accumulators.entries()) {
      interner.emptyAccumulator(position, index, value.dtype, identityOf(combine, value.dtype));
    }
    return [];
  }
  const done: Interned = new Map();
  const outer = axes.kernel.reduce((set, axis) => set | bit(axis), 0n);
  const accumulators = stage.accumulators.map(({ combine, value }, index): NestAccumulator => {
    const root = interner.node(value, own, done);
    const node = interner.accumulator(position, index, value.dtype, root.axes & outer);
    return { combine, dtype: value.dtype, value: root, node };
  });
  const stores = stage.stores.flatMap((store) => buildStore(store, own, interner, done));
  const stored = stores.reduce((set, store) => set | bit(store.buffer), 0n);
  if (accumulators.length + stores.length === 0) return [];
  const roots = [
    ...accumulators.map(({ value }) => value),
    ...stores.flatMap((store) => [...inputsOfPlace(store), store.value]),
  ];
  return [{ position, axes: own.axes, accumulators, stores, stored, roots, nodes: postorderOfNodes(roots) }];
}

function buildStore(store: KernelStore, own: StageAxes, interner: Interner, done: Interned): NestStore[] {
  const place = interner.place(store, own, done);
  if (place === undefined) return [];
  const value = interner.node(store.value, own, done);
  const placeAxes = inputsOfPlace(place).reduce((set, node) => set | node.axes, axesOfAffine(place.offset));
  return [{ ...place, value, combine: store.combine, axes: placeAxes | value.axes }];
}
