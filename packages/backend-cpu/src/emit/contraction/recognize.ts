/**
 * Finds the matrix product in a kernel: C[shared, rows, columns] = finish(Σ_reduced left[shared, rows, reduced] ·
 * right[shared, columns, reduced]). Batched and transposed products, attention, convolutions and both their adjoints are
 * of this form, with whatever guards, computed indices and elementwise work their operands and results have.
 * It refuses to choose sizes.
 */

import {
  type Affine,
  isOperation,
  type Kernel,
  type KernelScalar,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";

export interface Contraction {
  readonly kernel: Kernel;
  /** Kernel axes of both operands (or neither), of the left, of the right one; outermost in the result first. */
  readonly shared: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Extents of what is summed over. */
  readonly reduced: readonly number[];
  readonly left: KernelScalar;
  readonly right: KernelScalar;
  /** What is done with a finished sum. */
  readonly finish: Stage;
}

export function recognize(kernel: Kernel): Contraction | undefined {
  const [sum, finish, ...others] = kernel.stages;
  if (sum === undefined || finish === undefined || others.length > 0) return undefined;
  const [accumulator, ...more] = sum.accumulators;
  if (accumulator === undefined || more.length + sum.stores.length + finish.accumulators.length > 0)
    return undefined;
  const { combine, value } = accumulator;
  const plain = finish.axes.length === 0 && kernel.axes.every(({ order }) => order === "parallel");
  if (combine !== "add" || value.dtype !== "float32" || !plain) return undefined;
  if (!isOperation(value) || value.op !== "mul") return undefined;
  const [first, second] = value.inputs;
  const strides = finish.stores.length === 1 ? finish.stores[0]?.offset.strides : undefined;
  if (first === undefined || second === undefined || strides === undefined) return undefined;
  if ([...kernel.axes.map(({ extent }) => extent), ...sum.axes].some((extent) => extent === 0))
    return undefined;
  if (readsResult(kernel, [first, second])) return undefined;
  const [one, other] = [axesOf(kernel, first), axesOf(kernel, second)];
  const order = kernel.axes.map((_, axis) => axis).filter((axis) => (kernel.axes[axis]?.extent ?? 1) > 1);
  order.sort((a, b) => Math.abs(strides[b] ?? 0) - Math.abs(strides[a] ?? 0));
  const ofFirst = order.filter((axis) => one.has(axis) && !other.has(axis));
  const ofSecond = order.filter((axis) => !one.has(axis) && other.has(axis));
  const shared = order.filter((axis) => one.has(axis) === other.has(axis));
  // Nothing lies closer together than along the last axis, though it may be that every second element is of another kernel.
  const inLanes = order.find((axis) => strides[axis] === 1) ?? order.at(-1);
  if (ofFirst.length === 0 || ofSecond.length === 0 || inLanes === undefined) return undefined;
  const rest = { kernel, shared, reduced: sum.axes, finish };
  if (ofSecond.includes(inLanes))
    return { ...rest, rows: ofFirst, columns: ofSecond, left: first, right: second };
  if (ofFirst.includes(inLanes))
    return { ...rest, rows: ofSecond, columns: ofFirst, left: second, right: first };
  return undefined;
}

/** Whether an operand lies in what the kernel writes: then no part may be stored before all of it is read. */
function readsResult({ buffers, aliases }: Kernel, operands: readonly KernelScalar[]): boolean {
  const read = new Set(scalarsOf(operands).flatMap((part) => (part.kind === "load" ? [part.buffer] : [])));
  const written = [...buffers.keys()].filter((index) => buffers[index]?.access !== "read");
  return written.some((index) => read.has(index)) || aliases.some(([, buffer]) => read.has(buffer));
}

/** The axes whose position a scalar depends on. */
function axesOf(kernel: Kernel, root: KernelScalar): ReadonlySet<number> {
  const axes = new Set<number>();
  const note = ({ strides }: Affine): void => {
    for (const [axis, stride] of strides.entries()) if (stride !== 0) axes.add(axis);
  };
  for (const scalar of scalarsOf([root])) {
    if (scalar.kind === "coordinate") axes.add(scalar.axis);
    if (scalar.kind !== "load") continue;
    note(scalar.offset);
    for (const { value } of scalar.bounds) note(value);
  }
  for (const axis of axes) if (kernel.axes[axis]?.extent === 1) axes.delete(axis);
  return axes;
}
