/** Writes out the transcendental operations of a kernel in primitive ones. It refuses to know how. */

import type { KernelLeaf, Location } from "@adjoint/core/kernel";
import { expandScalars, type Kernel, type KernelScalar, scalarsOf, type Walk } from "@adjoint/core/kernel";

export function expandKernel(kernel: Kernel): Kernel {
  const roots = kernel.stages.flatMap((stage) => [
    ...stage.accumulators.map(({ value }) => value),
    ...stage.stores.flatMap((store) => [store.value, ...store.indirect.map(({ index }) => index)]),
  ]);
  const results = expandScalars<KernelLeaf>(roots, walk);
  const expanded = new Map<KernelScalar, KernelScalar>(roots.map((root, i) => [root, results[i] ?? root]));
  const of = (scalar: KernelScalar): KernelScalar => expanded.get(scalar) ?? scalar;
  const stages = kernel.stages.map((stage) => ({
    ...stage,
    accumulators: stage.accumulators.map((accumulator) => ({ ...accumulator, value: of(accumulator.value) })),
    stores: stage.stores.map((store) => ({ ...relocate(store, of), value: of(store.value) })),
  }));
  return { ...kernel, stages };
}

const walk: Walk<KernelLeaf> = {
  order: scalarsOf,
  leaf: (leaf, expanded) => (leaf.kind === "load" ? relocate(leaf, expanded) : leaf),
};

function relocate<L extends Location>(location: L, expanded: (scalar: KernelScalar) => KernelScalar): L {
  if (location.indirect.length === 0) return location;
  return {
    ...location,
    indirect: location.indirect.map((part) => ({ ...part, index: expanded(part.index) })),
  };
}
