/**
 * Values that are kept instead of evaluated twice: what an earlier stage makes of a point by a transcendental operation, and the last
 * one makes again, waits where the last one stores its result. So a softmax evaluates exp once. It refuses to take memory for it.
 */

import {
  isOperation,
  type Kernel,
  type KernelScalar,
  type Load,
  rootsOf,
  type Stage,
  type Store,
  sameAffine,
  scalarsOf,
  substitute,
} from "@adjoint/core/kernel";
import { isPrimitive } from "./code/scalar.js";
import { numbering } from "./key.js";

export function keepValues(kernel: Kernel): Kernel {
  const last = kernel.stages.at(-1);
  const store = last === undefined ? undefined : placeOf(kernel, last);
  if (last === undefined || store === undefined) return kernel;
  const { number } = numbering();
  const numbered = (roots: readonly KernelScalar[]): (readonly [number, KernelScalar])[] =>
    scalarsOf(roots).map((scalar) => [number(scalar), scalar]);
  const dtype = kernel.buffers[store.buffer]?.dtype;
  const again = new Set(
    numbered([store.value])
      .filter(([, scalar]) => isCostly(scalar) && scalar.dtype === dtype)
      .map(([id]) => id),
  );
  if (again.size === 0) return kernel;
  for (const [position, stage] of kernel.stages.slice(0, -1).entries()) {
    if (stage.axes.join() !== last.axes.join() || stage.stores.length > 0) continue;
    const found = numbered(stage.accumulators.map(({ value }) => value)).find(([id]) => again.has(id));
    if (found === undefined) continue;
    const [id, value] = found;
    const { buffer, offset } = store;
    const load: Load = {
      kind: "load",
      dtype: value.dtype,
      buffer,
      offset,
      indirect: [],
      bounds: [],
      fill: 0,
    };
    const done = new Map<KernelScalar, KernelScalar>(
      numbered([store.value]).flatMap(([other, scalar]) => (other === id ? [[scalar, load]] : [])),
    );
    const rest = { ...last, stores: [{ ...store, value: substitute(store.value, (leaf) => leaf, done) }] };
    const keeping = { ...stage, stores: [{ ...store, value }] };
    const stages = [
      ...kernel.stages.slice(0, position),
      keeping,
      ...kernel.stages.slice(position + 1, -1),
      rest,
    ];
    const kept = { ...kernel, stages };
    if (readsBefore(kept, position, store)) return kept;
  }
  return kernel;
}

/** The only store of a last stage, if each of its points has a place of its own that nothing else is read from or stored to. */
function placeOf(kernel: Kernel, { axes, accumulators, stores }: Stage): Store | undefined {
  const [store, ...others] = stores;
  if (store === undefined || accumulators.length + others.length > 0 || axes.length !== 1) return undefined;
  if (store.combine !== undefined || store.bounds.length + store.indirect.length > 0) return undefined;
  const own = store.offset.strides[kernel.axes.length] ?? 0;
  const before = kernel.stages.slice(0, -1).flatMap((stage) => stage.stores);
  const alone = kernel.buffers[store.buffer]?.access === "write" && before.length === 0;
  return own !== 0 && alone && kernel.axes.every(({ order }) => order === "parallel") ? store : undefined;
}

/** Whether what may lie in the same memory is read at a point, if at all, before that is stored to. */
function readsBefore({ stages, aliases }: Kernel, position: number, { buffer, offset }: Store): boolean {
  const shared = new Set(aliases.flatMap(([written, read]) => (written === buffer ? [read] : [])));
  return stages.slice(position).every((stage, after) =>
    scalarsOf(rootsOf(stage)).every((scalar) => {
      if (scalar.kind !== "load" || !shared.has(scalar.buffer)) return true;
      return after === 0 && scalar.indirect.length === 0 && sameAffine(scalar.offset, offset);
    }),
  );
}

function isCostly(scalar: KernelScalar): boolean {
  return isOperation(scalar) && !isPrimitive(scalar.op);
}
