/**
 * Checks what every kernel promises: what it refers to exists, operands fit their operations, and accesses stay within their
 * buffers. It refuses to judge accesses that are guarded by bounds over several axes, which the engine guards.
 */

import { AdjointError, VerificationError } from "../errors.js";
import { type Affine, rangeOfAffine } from "../lowering/affine.js";
import { isOperation, operation } from "../scalar/scalar.js";
import { combines } from "./combine.js";
import { extentsOf, type Kernel, type KernelScalar, type Load, type Location, type Store } from "./kernel.js";
import { rootsOf, scalarsOf } from "./walk.js";

/** @throws VerificationError whose address is the kernel's name. */
export function verifyKernel(kernel: Kernel, name: string): void {
  const fail = (problem: string): never => {
    throw new VerificationError(`${name}: ${problem}`, name);
  };
  for (const [position, stage] of kernel.stages.entries()) {
    const extents = extentsOf(kernel, stage);
    const scope: Scope = { kernel, extents, position, fail };
    const scalars = scalarsOf(rootsOf(stage));
    for (const scalar of scalars) checkScalar(scalar, scope);
    for (const { combine, value } of stage.accumulators)
      attempt(fail, () => operation(combines[combine].op, [value, value]));
    for (const store of stage.stores) checkStore(store, scope);
  }
  for (const pair of kernel.aliases)
    for (const buffer of pair) if (kernel.buffers[buffer] === undefined) fail(`there is no buffer ${buffer}`);
}

interface Scope {
  readonly kernel: Kernel;
  readonly extents: readonly number[];
  /** The stage. */
  readonly position: number;
  readonly fail: (problem: string) => never;
}

function checkScalar(scalar: KernelScalar, scope: Scope): void {
  const { kernel, extents, position, fail } = scope;
  if (isOperation(scalar)) {
    const { dtype } = attempt(fail, () => operation(scalar.op, scalar.inputs, scalar.dtype));
    if (dtype !== scalar.dtype) fail(`${scalar.op} gives ${dtype}, not ${scalar.dtype}`);
  } else if (scalar.kind === "coordinate") {
    if (extents[scalar.axis] === undefined) fail(`there is no axis ${scalar.axis}`);
  } else if (scalar.kind === "accumulator") {
    const found =
      scalar.stage <= position ? kernel.stages[scalar.stage]?.accumulators[scalar.index] : undefined;
    if (found?.value.dtype !== scalar.dtype)
      fail(`there is no accumulator ${scalar.index} of ${scalar.dtype} in stage ${scalar.stage} before this`);
  } else if (scalar.kind === "load") checkLocation(scalar, scalar.dtype, scope);
}

function checkStore(store: Store, scope: Scope): void {
  checkLocation(store, store.value.dtype, scope);
  const { combine, value } = store;
  if (combine !== undefined) attempt(scope.fail, () => operation(combines[combine].op, [value, value]));
}

function checkLocation(location: Load | Store, dtype: string, { kernel, extents, fail }: Scope): void {
  const { buffer, offset, indirect, bounds } = location;
  const placed = kernel.buffers[buffer] ?? fail(`there is no buffer ${buffer}`);
  if (placed.dtype !== dtype) fail(`buffer ${buffer} holds ${placed.dtype}, not ${dtype}`);
  for (const affine of [offset, ...bounds.map(({ value }) => value)]) checkAxes(affine, extents, fail);
  const box = boxOf(location, extents);
  if (box === undefined) return;
  const { low, high } = rangeOver(offset, box);
  const reach = indirect.reduce((total, { stride, extent }) => total + stride * (extent - 1), 0);
  if (low < 0 || high + reach >= placed.size)
    fail(
      `an access reaches elements ${low} to ${high + reach} of buffer ${buffer}, which has ${placed.size}`,
    );
}

function checkAxes(
  { offset, strides }: Affine,
  extents: readonly number[],
  fail: (problem: string) => never,
): void {
  const missing = strides.findIndex((stride, axis) => stride !== 0 && extents[axis] === undefined);
  if (missing >= 0) fail(`there is no axis ${missing}`);
  if (!Number.isSafeInteger(offset)) fail("an offset overflows");
}

type Box = readonly { readonly first: number; readonly last: number }[];

/** The points at which an access takes place, by axis; undefined where there are none, or where bounds tie axes together. */
function boxOf({ indirect, bounds }: Location, extents: readonly number[]): Box | undefined {
  if ([...indirect, ...bounds].some(({ extent }) => extent === 0)) return undefined;
  const box = extents.map((extent) => ({ first: 0, last: extent - 1 }));
  for (const { value, extent } of bounds) {
    const [axis, ...others] = value.strides.flatMap((stride, position) => (stride === 0 ? [] : [position]));
    if (others.length > 0) return undefined;
    const range = axis === undefined ? undefined : box[axis];
    const stride = value.strides[axis ?? 0] ?? 0;
    if (range === undefined) {
      if (value.offset < 0 || value.offset >= extent) return undefined;
      continue;
    }
    // 0 ≤ offset + stride · axis < extent
    const ends = [-value.offset / stride, (extent - 1 - value.offset) / stride].sort((a, b) => a - b);
    range.first = Math.max(range.first, Math.ceil(ends[0] ?? 0));
    range.last = Math.min(range.last, Math.floor(ends[1] ?? 0));
  }
  return box.some(({ first, last }) => last < first) ? undefined : box;
}

function rangeOver({ offset, strides }: Affine, box: Box): { readonly low: number; readonly high: number } {
  const first = strides.reduce((total, stride, axis) => total + stride * (box[axis]?.first ?? 0), offset);
  return rangeOfAffine(
    { offset: first, strides },
    box.map((range) => range.last - range.first + 1),
  );
}

/** What is wrong with operands, as a defect of the kernel. */
function attempt<T>(fail: (problem: string) => never, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AdjointError) return fail(error.message);
    throw error;
  }
}
