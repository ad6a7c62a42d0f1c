// Expanding whole expressions and kernels: nothing is left to expand, what was shared is shared, what has nothing to
// expand is the same object, computed indices are expanded too, and the numbers are those of the original.

import {
  type Argument,
  argument,
  constant,
  coordinate,
  expandKernel,
  expandOperation,
  expandScalars,
  interpretKernel,
  isOperation,
  type Kernel,
  type KernelLeaf,
  type KernelScalar,
  type Load,
  operation,
  postorder,
  rootsOf,
  type Scalar,
  scalar,
  scalarsOf,
} from "@adjoint/core/kernel";
import { expect, test } from "vitest";

const x = argument(0, "float32");

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`one element, not ${list.length}`);
  return first;
}

const count = (root: Scalar<Argument>): number => postorder(root).filter(isOperation).length;

test("a shared operation is expanded once", () => {
  const shared = scalar.sin<Argument>(x);
  const expanded = only(expandScalars<Argument>([scalar.add(shared, shared)]));
  expect(count(expanded)).toBe(count(only(expandScalars<Argument>([shared]))) + 1);
  if (!isOperation(expanded)) throw new Error("a sum");
  expect(expanded.inputs[0]).toBe(expanded.inputs[1]);
});

test("roots share as well", () => {
  const shared = scalar.exp<Argument>(x);
  const [a, b] = expandScalars<Argument>([shared, scalar.neg(shared)]);
  if (b === undefined || !isOperation(b)) throw new Error("a negation");
  expect(b.inputs[0]).toBe(a);
});

test("operands are expanded before their users", () => {
  const root = scalar.exp<Argument>(scalar.log(scalar.tanh<Argument>(x)));
  const expanded = only(expandScalars<Argument>([root]));
  expect(
    postorder(expanded).filter((part) => isOperation(part) && expandOperation(part) !== undefined),
  ).toEqual([]);
});

test("only what is named is expanded", () => {
  const root = scalar.erf<Argument>(scalar.exp<Argument>(x));
  const expanded = only(expandScalars<Argument>([root], new Set(["erf"])));
  const left = postorder(expanded).filter((part) => isOperation(part) && expandOperation(part) !== undefined);
  expect(left.map((part) => isOperation(part) && part.op)).toEqual(["exp"]);
});

test("what has nothing to expand is the same object", () => {
  const root = scalar.add<Argument>(scalar.mul(x, x), 1);
  expect(only(expandScalars<Argument>([root]))).toBe(root);
});

test.each([
  ["rem", "int32"],
  ["rem", "uint32"],
  ["exp", "float16"],
  ["sqrt", "float32"],
] as const)("%s of %s is left alone", (op, dtype) => {
  const a = argument(0, dtype);
  expect(expandOperation(operation<Argument>(op, op === "rem" ? [a, a] : [a]))).toBeUndefined();
});

test("depth is bounded by memory alone", () => {
  let root: Scalar<Argument> = scalar.exp<Argument>(x);
  for (let i = 0; i < 100_000; i++) root = scalar.add(root, 1);
  expect(count(only(expandScalars<Argument>([root])))).toBe(
    count(only(expandScalars<Argument>([scalar.exp(x)]))) + 1e5,
  );
});

const size = 16;
const axis = coordinate(0);
const none = { indirect: [], bounds: [] } as const;
const offset = { offset: 0, strides: [1] } as const;

/** Stores tanh(table[⌊8 |sin i|⌋]) and its exponential at reversed places computed by exp2, and sums its squares. */
function example(): Kernel {
  const position = scalar.cast<KernelLeaf>(axis, "float32");
  const index = scalar.cast(scalar.floor(scalar.mul(scalar.abs(scalar.sin(position)), 8)), "int32");
  const load: Load = {
    kind: "load",
    dtype: "float32",
    fill: 0,
    buffer: 0,
    offset: { offset: 0, strides: [] },
    indirect: [{ index, stride: 1, extent: 8 }],
    bounds: [],
  };
  const value = scalar.tanh<KernelLeaf>(load);
  const back = scalar.sub(size - 1, scalar.round(scalar.log2(scalar.exp2(position))));
  const place = { index: scalar.cast(back, "int32"), stride: 1, extent: size };
  const total: KernelScalar = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 };
  const whole = { offset: 0, strides: [] } as const;
  return {
    buffers: [
      { dtype: "float32", size: 8, access: "read" },
      { dtype: "float32", size, access: "write" },
      { dtype: "float32", size, access: "write" },
      { dtype: "float32", size: 1, access: "write" },
    ],
    axes: [],
    stages: [
      {
        axes: [size],
        accumulators: [{ combine: "add", value: scalar.pow(value, constant(2, "float32")) }],
        stores: [
          { buffer: 1, offset, ...none, value },
          { buffer: 2, offset: whole, bounds: [], indirect: [place], value: scalar.exp(value) },
        ],
      },
      { axes: [], accumulators: [], stores: [{ buffer: 3, offset: whole, ...none, value: total }] },
    ],
    aliases: [],
  };
}

function run(kernel: Kernel): Float64Array[] {
  const buffers = kernel.buffers.map((buffer) => new Float64Array(buffer.size));
  buffers[0]?.forEach((_, i, table) => {
    table[i] = i / 4 - 1;
  });
  interpretKernel(kernel, buffers);
  return buffers;
}

test("a kernel computes the same after expansion, computed indices included", () => {
  const kernel = example();
  const expanded = expandKernel(kernel);
  const parts = scalarsOf(expanded.stages.flatMap(rootsOf));
  expect(parts.filter((part) => isOperation(part) && expandOperation(part) !== undefined)).toEqual([]);
  expect(parts.filter((part) => part.kind === "load")).toHaveLength(1);
  const truth = run(kernel);
  for (const [i, buffer] of run(expanded).entries()) {
    for (const [k, value] of buffer.entries()) expect(value).toBeCloseTo(truth[i]?.[k] ?? Number.NaN, 5);
  }
  expect(truth[2]?.every((value) => value > 0)).toBe(true);
});

test("a kernel with nothing to expand keeps its scalars", () => {
  const kernel = expandKernel(example());
  expect(expandKernel(kernel).stages[0]?.stores[0]?.value).toBe(kernel.stages[0]?.stores[0]?.value);
});
