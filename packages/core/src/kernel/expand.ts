/** A kernel with its transcendental operations written in primitive ones, for backends whose machine has no others. */

import { expandScalars, type Walk } from "../scalar/expand/expand.js";
import type { ScalarOp } from "../scalar/operations.js";
import type { Accumulator, Indirect, Kernel, KernelLeaf, KernelScalar, Stage, Store } from "./kernel.js";
import { rootsOf, scalarsOf } from "./walk.js";

type Replace = (scalar: KernelScalar) => KernelScalar;

function expandIndirect(indirect: readonly Indirect[], expanded: Replace): readonly Indirect[] {
  return indirect.map((part) => ({ ...part, index: expanded(part.index) }));
}

/** Loads are walked with the computed indices inside them. */
const walk: Walk<KernelLeaf> = {
  order: scalarsOf,
  leaf: (leaf, expanded) => {
    if (leaf.kind !== "load" || leaf.indirect.every(({ index }) => expanded(index) === index)) return leaf;
    return { ...leaf, indirect: expandIndirect(leaf.indirect, expanded) };
  },
};

/** The same kernel, bodies and computed indices expanded (or only the operations named); what is shared stays shared. */
export function expandKernel(kernel: Kernel, only?: ReadonlySet<ScalarOp>): Kernel {
  const roots = kernel.stages.flatMap(rootsOf);
  const results = expandScalars(roots, only, walk);
  const done = new Map(roots.map((root, i) => [root, results[i] ?? root]));
  const expanded: Replace = (scalar) => done.get(scalar) ?? scalar;
  const accumulator = (old: Accumulator): Accumulator => ({ ...old, value: expanded(old.value) });
  const store = (old: Store): Store => ({
    ...old,
    indirect: expandIndirect(old.indirect, expanded),
    value: expanded(old.value),
  });
  const stage = (old: Stage): Stage => ({
    ...old,
    accumulators: old.accumulators.map(accumulator),
    stores: old.stores.map(store),
  });
  return { ...kernel, stages: kernel.stages.map(stage) };
}
