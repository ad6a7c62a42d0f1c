/**
 * Kernels that are one sum of products of two factors: rows × inner times inner × columns, once per position of the batch
 * axes. Matrix products, convolutions and their adjoints are all of this form.
 */

import {
  inputsOf,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Location,
  loadsOf,
  rootsOf,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";
import { loopedAxes } from "../shader/shape.js";

/** Axes by number, with their extents; a position on all of them is counted row-major. */
export interface AxisGroup {
  readonly axes: readonly { readonly axis: number; readonly extent: number }[];
  readonly size: number;
}

export interface Contraction {
  readonly rows: AxisGroup;
  readonly columns: AxisGroup;
  readonly batch: AxisGroup;
  readonly inner: AxisGroup;
  /** Depends on rows, the batch and inner axes. */
  readonly left: KernelScalar;
  /** Depends on columns, the batch and inner axes. */
  readonly right: KernelScalar;
}

/** Undefined for every other kernel. `part` is an axis that counts parts of the sum and stands for itself. */
export function contractionOf(kernel: Kernel, part?: number): Contraction | undefined {
  const [sum, last, ...more] = kernel.stages;
  if (sum === undefined || last === undefined || more.length > 0 || !isSum(sum)) return undefined;
  if (last.axes.length > 0 || last.accumulators.length > 0 || loopedAxes(kernel).size > 0) return undefined;
  const product = sum.accumulators[0]?.value;
  if (product === undefined || !isOperation(product) || product.op !== "mul" || product.dtype !== "float32")
    return undefined;
  if (loadsOf(sum).some(({ buffer }) => kernel.buffers[buffer]?.access !== "read")) return undefined;
  const [left, right] = product.inputs;
  if (left === undefined || right === undefined) return undefined;
  const [ofLeft, ofRight] = [axesOf(left), axesOf(right)];
  const outer = kernel.axes.map(({ extent }, axis) => ({ axis, extent })).filter(({ axis }) => axis !== part);
  const rows = outer.filter(({ axis }) => ofLeft.has(axis) && !ofRight.has(axis));
  const columns = outer.filter(({ axis }) => ofRight.has(axis) && !ofLeft.has(axis));
  const batch = outer.filter(({ axis }) => ofLeft.has(axis) === ofRight.has(axis));
  if (batch.some(({ axis, extent }) => extent > 1 && !ofLeft.has(axis))) return undefined;
  const first = kernel.axes.length;
  const inner = group(sum.axes.map((extent, k) => ({ axis: first + k, extent })));
  const found = { rows: group(rows), columns: group(columns), batch: group(batch), inner, left, right };
  return storesAlong(last, rows.at(-1)?.axis) > storesAlong(last, columns.at(-1)?.axis)
    ? { ...found, rows: found.columns, columns: found.rows, left: right, right: left }
    : found;
}

function isSum({ accumulators, stores }: Stage): boolean {
  return stores.length === 0 && accumulators.length === 1 && accumulators[0]?.combine === "add";
}

export function group(axes: AxisGroup["axes"]): AxisGroup {
  return { axes, size: axes.reduce((product, { extent }) => product * extent, 1) };
}

/** How many stores go to neighbors in memory along an axis. */
function storesAlong({ stores }: Stage, axis: number | undefined): number {
  if (axis === undefined) return 0;
  return stores.filter(({ offset }) => Math.abs(offset.strides[axis] ?? 0) === 1).length;
}

/** The axes a scalar depends on. */
function axesOf(root: KernelScalar): Set<number> {
  const found = new Set<number>();
  const addLocation = ({ offset, bounds }: Location): void => {
    for (const { strides } of [offset, ...bounds.map(({ value }) => value)])
      for (const [axis, stride] of strides.entries()) if (stride !== 0) found.add(axis);
  };
  for (const scalar of scalarsOf([root])) {
    if (scalar.kind === "coordinate") found.add(scalar.axis);
    if (scalar.kind === "load") addLocation(scalar);
  }
  return found;
}

/** Operations of everything behind the sum, for one element. */
export function epilogueCost(kernel: Kernel): number {
  return kernel.stages
    .slice(1)
    .flatMap((stage) => scalarsOf(rootsOf(stage)))
    .filter((scalar) => inputsOf(scalar).length > 0).length;
}
