// Kernels by themselves on one thread: matrix products in their forms, a map and a row reduction. Prints GFLOP/s and GB/s, best
// of many, and what share they are of what the machine can do: `node bench/dist/kernels/classes.js [wide|fused|plain] [milliseconds]`

import { compileKernel, cpu } from "@adjoint/backend-cpu";
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
import { engineOf } from "../options.js";
import { mostBytes, mostFlops } from "./ceiling.js";
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

const [variant = "wide", milliseconds = "600"] = process.argv.slice(2);
const options = engineOf(variant, "1");
const time = Number(milliseconds);
const { relaxedSimd } = cpu(options).target;
const flops = await mostFlops(relaxedSimd);
const size = 1 << 20;
const bytes = await mostBytes(4 * size);
console.log(
  `ceiling of a thread, ${variant}: ${flops.toFixed(0)} GFLOP/s, ${bytes.toFixed(1)} GB/s for arrays of ${size}`,
);

/** A rate and its share of the most that there can be. */
function share(rate: number, most: number): string {
  return `${rate.toFixed(1)} (${((100 * rate) / most).toFixed(0)} %)`;
}

async function seconds(kernel: Kernel): Promise<number> {
  return fastest(await compileKernel(kernel, [], options), time);
}

for (const n of [64, 128, 256, 512, 1024, 2048]) {
  const speeds: string[] = [];
  for (const form of ["nn", "nt", "tn"] as const) {
    const rate = (2 * n ** 3) / (await seconds(product(n, form))) / 1e9;
    speeds.push(`${form} ${share(rate, flops)}`);
  }
  console.log(`product ${n}: ${speeds.join("  ")} GFLOP/s`);
}
console.log(`map of ${size}: ${share((8 * size) / (await seconds(map(size))) / 1e9, bytes)} GB/s`);
const sums = (4 * size) / (await seconds(rowSum(1024, 1024))) / 1e9;
console.log(`row sums of 1024 x 1024: ${share(sums, bytes)} GB/s`);
