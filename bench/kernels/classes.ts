// Kernels by themselves: matrix products in their forms, a map and a row reduction. Prints GFLOP/s and GB/s, best of many.

import { compileKernel } from "@adjoint/backend-cpu";
import {
  type Affine,
  addAffine,
  axisTimes,
  constant,
  type Kernel,
  type KernelScalar,
  type Load,
  operation,
} from "@adjoint/core/kernel";
import { fastest } from "./fastest.js";

const at = (...strides: readonly number[]): Affine =>
  strides.map((stride, axis) => axisTimes(axis, stride)).reduce(addAffine);

const load = (buffer: number, offset: Affine): Load => ({
  kind: "load",
  dtype: "float32",
  buffer,
  offset,
  indirect: [],
  bounds: [],
  fill: 0,
});

const sum: KernelScalar = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 };

/** C[i, j] = Σ A[i, k] · B[k, j], either operand stored transposed. */
function product(n: number, form: "nn" | "nt" | "tn"): Kernel {
  const a = form === "tn" ? at(1, 0, n) : at(n, 0, 1);
  const b = form === "nt" ? at(0, n, 1) : at(0, 1, n);
  return {
    buffers: [
      { dtype: "float32", size: n * n, access: "read" },
      { dtype: "float32", size: n * n, access: "read" },
      { dtype: "float32", size: n * n, access: "write" },
    ],
    axes: [
      { extent: n, order: "parallel" },
      { extent: n, order: "parallel" },
    ],
    stages: [
      {
        axes: [n],
        accumulators: [{ combine: "add", value: operation("mul", [load(0, a), load(1, b)]) }],
        stores: [],
      },
      {
        axes: [],
        accumulators: [],
        stores: [{ buffer: 2, offset: at(n, 1), indirect: [], bounds: [], value: sum }],
      },
    ],
    aliases: [],
  };
}

/** y = 2 x + 1. */
function map(size: number): Kernel {
  const two = constant(2, "float32");
  const value = operation("add", [operation("mul", [load(0, at(1)), two]), constant(1, "float32")]);
  return {
    buffers: [
      { dtype: "float32", size, access: "read" },
      { dtype: "float32", size, access: "write" },
    ],
    axes: [{ extent: size, order: "parallel" }],
    stages: [
      { axes: [], accumulators: [], stores: [{ buffer: 1, offset: at(1), indirect: [], bounds: [], value }] },
    ],
    aliases: [],
  };
}

/** y[i] = Σ x[i, j]. */
function rowSum(rows: number, columns: number): Kernel {
  return {
    buffers: [
      { dtype: "float32", size: rows * columns, access: "read" },
      { dtype: "float32", size: rows, access: "write" },
    ],
    axes: [{ extent: rows, order: "parallel" }],
    stages: [
      { axes: [columns], accumulators: [{ combine: "add", value: load(0, at(columns, 1)) }], stores: [] },
      {
        axes: [],
        accumulators: [],
        stores: [{ buffer: 1, offset: at(1), indirect: [], bounds: [], value: sum }],
      },
    ],
    aliases: [],
  };
}

const time = Number(process.argv[2] ?? 600);
for (const n of [64, 128, 256, 512]) {
  const speeds: string[] = [];
  for (const form of ["nn", "nt", "tn"] as const) {
    const seconds = await fastest(await compileKernel(product(n, form)), time);
    speeds.push(`${form} ${((2 * n ** 3) / seconds / 1e9).toFixed(1)}`);
  }
  console.log(`product ${n}: ${speeds.join("  ")} GFLOP/s`);
}
const size = 1 << 20;
console.log(
  `map of ${size}: ${((8 * size) / (await fastest(await compileKernel(map(size)), time)) / 1e9).toFixed(1)} GB/s`,
);
console.log(
  `row sums of 1024 x 1024: ${((4 * size) / (await fastest(await compileKernel(rowSum(1024, 1024)), time)) / 1e9).toFixed(1)} GB/s`,
);
