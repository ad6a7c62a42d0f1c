/** Four neighbors at a time, read and written as one quad where they lie side by side. It refuses to say when that pays. */

import {
  type Kernel,
  type Location,
  loadsOf,
  rootsOf,
  type Stage,
  type Store,
  scalarsOf,
} from "@adjoint/core/kernel";
import { writeAffine } from "../wgsl/affine.js";
import type { Scope } from "../wgsl/scope.js";
import type { Site, Values } from "./evaluate.js";
import type { Memory } from "./memory.js";
import { loopedAxes, type Wide } from "./shape.js";

/** Whether four neighbors on an axis, from a multiple of four on, are four neighbors in memory. */
export function isQuadOn({ offset, bounds, indirect }: Location, axis: number): boolean {
  return (
    bounds.length + indirect.length === 0 &&
    offset.offset % 4 === 0 &&
    (offset.strides[axis] ?? 0) === 1 &&
    offset.strides.every((stride, other) => other === axis || stride % 4 === 0)
  );
}

/** Scalars of a kernel beyond which its shader is not written out four times: arithmetic decides its time, not memory. */
const most = 400;

/** The last axis of a kernel but one that counts parts, which is always appended. */
export function lastPoints({ axes }: Kernel, part: number | undefined): number {
  return axes.length - (part === undefined ? 1 : 2);
}

/** The axis on which quads of a stage are, if there is one. */
export function wideAxis(kernel: Kernel, stage: Stage, wide: Wide, part?: number): number | undefined {
  const outer = kernel.axes.length;
  if (wide === "points") {
    const last = lastPoints(kernel, part);
    return (kernel.axes[last]?.extent ?? 1) % 4 === 0 ? last : undefined;
  }
  return stage.axes.length > 0 && (stage.axes.at(-1) ?? 1) % 4 === 0
    ? outer + stage.axes.length - 1
    : undefined;
}

/** The buffers of a kernel that are only ever touched in quads; none where it cannot be taken four at a time. */
export function quadsOf(kernel: Kernel, wide: Wide, part?: number): ReadonlySet<number> {
  const none = new Set<number>();
  if (loopedAxes(kernel).size > 0) return none;
  const scalars = kernel.stages.flatMap((stage) => scalarsOf(rootsOf(stage)));
  if (scalars.length > most) return none;
  if (kernel.stages.some(({ stores }) => stores.some(({ indirect }) => indirect.length > 0))) return none;
  // Lanes scan points one by one.
  if (
    wide === "stages" &&
    kernel.stages.some(({ stores, accumulators }) => stores.length * accumulators.length > 0)
  )
    return none;
  if (wide === "points" && kernel.stages.some((stage) => wideAxis(kernel, stage, wide, part) === undefined))
    return none;
  const found = new Set<number>();
  const others = new Set<number>();
  for (const stage of kernel.stages) {
    const axis = wideAxis(kernel, stage, wide, part) ?? -1;
    for (const location of [...loadsOf(stage), ...stage.stores])
      (isQuadOn(location, axis) ? found : others).add(location.buffer);
  }
  return new Set(
    [...found].filter((buffer) => !others.has(buffer) && (kernel.buffers[buffer]?.size ?? 1) % 4 === 0),
  );
}

/** One of four neighbors at a place in a shader. */
export interface Element {
  readonly site: Site;
  readonly values: Values;
}

export function elementName(axis: number, e: number): string {
  return e === 0 ? `i${axis}` : `i${axis}_${e}`;
}

/** A site at which loads of quads on an axis are parts of one load. */
export function quadSite(site: Site, scope: Scope, axis: number, e: number): Site {
  const { memory } = site;
  return {
    ...site,
    axis: (other) => (other === axis ? elementName(axis, e) : site.axis(other)),
    together: (load) => {
      if (memory.layoutOf(load.buffer) !== "quads" || !isQuadOn(load, axis)) return undefined;
      const index = scope.bind(`(${writeAffine(load.offset, site.axis)}) >> 2u`, "at");
      return memory.ofQuad(load.buffer, scope.bind(memory.loadQuad(load.buffer, index), "q"), e);
    },
  };
}

/** Stores of four neighbors, all of whose values and places are evaluated before the first of them takes place. */
export function storeFour(
  scope: Scope,
  elements: readonly Element[],
  stores: readonly Store[],
  memory: Memory,
  isTogether: (store: Store) => boolean,
  guard?: string,
): void {
  const ready = stores.map((store) => {
    const isWide =
      store.combine === undefined && memory.layoutOf(store.buffer) === "quads" && isTogether(store);
    const [first] = elements;
    if (!isWide || first === undefined)
      return { store, each: elements.map(({ values }) => values.prepare(store)) };
    const values = elements.map((element) => element.values.of(store.value));
    const index = scope.bind(`(${writeAffine(store.offset, first.site.axis)}) >> 2u`, "at");
    return { store, line: memory.storeQuad(store.buffer, index, values) };
  });
  for (const { line, each = [] } of ready) {
    if (line !== undefined && guard === undefined) scope.line(line);
    else if (line !== undefined) {
      const block = scope.inner();
      block.line(line);
      scope.nest(`if (${guard})`, block);
    }
    for (const [e, prepared] of each.entries()) elements[e]?.values.commit(prepared, guard);
  }
}
