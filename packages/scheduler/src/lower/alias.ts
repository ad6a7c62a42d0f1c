/** Which buffers of a kernel may be one memory. It errs on the side of no. */

import { type Affine, type Kernel, type Location, loadsOf, type Stage } from "@adjoint/core/kernel";

/** The pairs [written, read] for which every load of an element precedes the store that overwrites it. */
export function aliasesOf(kernel: Kernel): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (const [written, buffer] of kernel.buffers.entries()) {
    if (buffer.access === "read") continue;
    for (const [read, other] of kernel.buffers.entries()) {
      if (other.access === "read" && other.dtype === buffer.dtype && inPlace(kernel, written, read)) {
        pairs.push([written, read]);
      }
    }
  }
  return pairs;
}

/** Whether a kernel may write its last buffer over every one of these, which are one memory. */
export function overwrites({ aliases, buffers }: Kernel, reads: readonly number[]): boolean {
  const written = buffers.length - 1;
  return reads.every((read) => aliases.some(([a, b]) => a === written && b === read));
}

/**
 * One stage stores, each element once. Loads in that stage must be of the very element stored; loads in earlier stages
 * must stay within the elements that the same kernel point stores.
 */
function inPlace(kernel: Kernel, written: number, read: number): boolean {
  const storing = kernel.stages.flatMap((stage, position) =>
    stage.stores.filter((store) => store.buffer === written).map((store) => ({ stage, position, store })),
  );
  const [only, ...others] = storing;
  if (only === undefined || others.length > 0 || !isPlain(only.store)) return false;
  const outer = kernel.axes.length;
  return kernel.stages.every((stage, position) =>
    loadsOf(stage)
      .filter((load) => load.buffer === read)
      .every((load) => {
        if (load.indirect.length > 0 || position > only.position) return false;
        if (position === only.position) return sameTerms(load.offset, only.store.offset, stage, stage, outer);
        return samePoint(load.offset, only.store.offset, stage, only.stage, outer);
      }),
  );
}

function isPlain(location: Location): boolean {
  return location.indirect.length === 0 && location.bounds.length === 0;
}

function sameTerms(a: Affine, b: Affine, stage: Stage, other: Stage, outer: number): boolean {
  return (
    samePoint(a, b, stage, other, outer) &&
    rank(a, b).every((axis) => strideAt(a, axis) === strideAt(b, axis))
  );
}

/** The same offset and kernel-axis strides, and the same set of inner strides with their extents. */
function samePoint(a: Affine, b: Affine, stage: Stage, other: Stage, outer: number): boolean {
  if (a.offset !== b.offset) return false;
  for (let axis = 0; axis < outer; axis++) if (strideAt(a, axis) !== strideAt(b, axis)) return false;
  return innerTerms(a, stage, outer) === innerTerms(b, other, outer);
}

function innerTerms(a: Affine, stage: Stage, outer: number): string {
  const terms = stage.axes.flatMap((extent, axis) => {
    const stride = strideAt(a, outer + axis);
    return stride === 0 || extent === 1 ? [] : [`${stride}*${extent}`];
  });
  return terms.sort().join();
}

function strideAt(a: Affine, axis: number): number {
  return a.strides[axis] ?? 0;
}

function rank(a: Affine, b: Affine): number[] {
  return Array.from({ length: Math.max(a.strides.length, b.strides.length) }, (_, axis) => axis);
}
