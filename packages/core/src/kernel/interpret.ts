/** The kernel interpreter: defines what a kernel computes, in float64 and row-major order. It refuses to be fast. */

import type { DType } from "../dtype.js";
import { evaluateAffine } from "../lowering/affine.js";
import { convertScalar, evaluateScalar } from "../scalar/operations.js";
import { isOperation } from "../scalar/scalar.js";
import { combines, identityOf } from "./combine.js";
import { extentsOf, type Kernel, type KernelScalar, type Location, type Stage } from "./kernel.js";
import { rootsOf, scalarsOf } from "./walk.js";

interface Scope {
  readonly buffers: readonly Float64Array[];
  readonly accumulators: readonly number[][];
  readonly point: readonly number[];
  readonly values: Map<KernelScalar, number>;
}

/** Runs a kernel over buffers given as float64 arrays (one per `kernel.buffers`), writing into them. */
export function interpretKernel(kernel: Kernel, buffers: readonly Float64Array[]): void {
  const orders = kernel.stages.map((stage) => scalarsOf(rootsOf(stage)));
  const accumulators: number[][] = kernel.stages.map(() => []);
  for (const outer of points(kernel.axes.map((axis) => axis.extent))) {
    for (const [position, stage] of kernel.stages.entries()) {
      const running = stage.accumulators.map(({ combine, value }) => identityOf(combine, value.dtype));
      accumulators[position] = running;
      for (const inner of points(extentsOf(kernel, stage).slice(outer.length))) {
        const point = [...outer, ...inner];
        runPoint(stage, orders[position] ?? [], { buffers, accumulators, point, values: new Map() }, running);
      }
    }
  }
}

function runPoint(stage: Stage, order: readonly KernelScalar[], scope: Scope, running: number[]): void {
  // Scalars that read this stage's own accumulators are valid only after the update below.
  const evaluated = (scalar: KernelScalar): number => {
    const known = scope.values.get(scalar);
    return known === undefined ? evaluateTree(scalar, scope) : known;
  };
  for (const scalar of order) {
    if (!readsAccumulator(scalar)) scope.values.set(scalar, evaluateTree(scalar, scope));
  }
  for (const [index, { combine, value }] of stage.accumulators.entries()) {
    const { op } = combines[combine];
    running[index] = evaluateScalar(op, value.dtype, value.dtype, running[index] ?? 0, evaluated(value));
  }
  for (const store of stage.stores) {
    const address = addressOf(store, scope);
    const value = evaluated(store.value);
    const buffer = scope.buffers[store.buffer];
    if (address === undefined || buffer === undefined) continue;
    buffer[address] =
      store.combine === undefined
        ? value
        : evaluateScalar(
            combines[store.combine].op,
            store.value.dtype,
            store.value.dtype,
            buffer[address] ?? Number.NaN,
            value,
          );
  }
}

function readsAccumulator(scalar: KernelScalar): boolean {
  return scalarsOf([scalar]).some((part) => part.kind === "accumulator");
}

function evaluateTree(scalar: KernelScalar, scope: Scope): number {
  for (const part of scalarsOf([scalar])) {
    if (!scope.values.has(part)) scope.values.set(part, evaluateOne(part, scope));
  }
  return scope.values.get(scalar) ?? Number.NaN;
}

function evaluateOne(scalar: KernelScalar, scope: Scope): number {
  if (isOperation(scalar)) {
    const [a = 0, b = 0, c = 0] = scalar.inputs.map((input) => scope.values.get(input) ?? Number.NaN);
    const operandDType: DType = scalar.inputs.at(-1)?.dtype ?? scalar.dtype;
    return evaluateScalar(scalar.op, operandDType, scalar.dtype, a, b, c);
  }
  switch (scalar.kind) {
    case "constant":
      return convertScalar(scalar.value, scalar.dtype);
    case "coordinate":
      return scope.point[scalar.axis] ?? Number.NaN;
    case "accumulator":
      return scope.accumulators[scalar.stage]?.[scalar.index] ?? Number.NaN;
    case "load": {
      const address = addressOf(scalar, scope);
      return address === undefined ? scalar.fill : (scope.buffers[scalar.buffer]?.[address] ?? Number.NaN);
    }
  }
}

/** The element accessed, or undefined when a bound or a computed index forbids it. */
function addressOf(location: Location, scope: Scope): number | undefined {
  for (const bound of location.bounds) {
    const value = evaluateAffine(bound.value, scope.point);
    if (value < 0 || value >= bound.extent) return undefined;
  }
  let address = evaluateAffine(location.offset, scope.point);
  for (const { index, stride, extent } of location.indirect) {
    const value = evaluateTree(index, scope);
    if (value < 0 || value >= extent) return undefined;
    address += value * stride;
  }
  return address;
}

/** Every point of a box in row-major order; one empty point for no axes. */
export function* points(extents: readonly number[]): Generator<number[]> {
  if (extents.some((extent) => extent === 0)) return;
  const point = extents.map(() => 0);
  for (;;) {
    yield [...point];
    let axis = extents.length - 1;
    while (axis >= 0 && (point[axis] ?? 0) + 1 >= (extents[axis] ?? 0)) {
      point[axis] = 0;
      axis--;
    }
    if (axis < 0) return;
    point[axis] = (point[axis] ?? 0) + 1;
  }
}
