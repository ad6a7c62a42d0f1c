// Long float32 sums stay accurate, on single values, in lanes, and in tiles of matrix products.

import { type CpuOptions, compileKernel } from "@adjoint/backend-cpu";
import {
  type Affine,
  addAffine,
  axisTimes,
  type Kernel,
  type KernelScalar,
  operation,
} from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { engines } from "./engine.js";

const count = 2 ** 20;
const exact = Math.fround(0.1);

const at = (...strides: readonly number[]): Affine =>
  strides.map((stride, axis) => axisTimes(axis, stride)).reduce(addAffine, { offset: 0, strides: [] });

const load = (buffer: number, offset: Affine): KernelScalar => {
  return { kind: "load", dtype: "float32", buffer, offset, indirect: [], bounds: [], fill: 0 };
};

/** Sums over `inner` for each point of `outer`, the value given by loads. */
function reduction(
  outer: readonly number[],
  inner: number,
  sizes: readonly number[],
  value: KernelScalar,
): Kernel {
  const result: KernelScalar = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 };
  const points = outer.reduce((product, extent) => product * extent, 1);
  const place = outer.length === 2 ? at(outer[1] ?? 1, 1) : at(...outer.map(() => 1));
  return {
    buffers: [
      ...sizes.map((size) => ({ dtype: "float32", size, access: "read" }) as const),
      { dtype: "float32", size: points, access: "write" },
    ],
    axes: outer.map((extent) => ({ extent, order: "parallel" })),
    stages: [
      { axes: [inner], accumulators: [{ combine: "add", value }], stores: [] },
      {
        axes: [],
        accumulators: [],
        stores: [{ buffer: sizes.length, offset: place, indirect: [], bounds: [], value: result }],
      },
    ],
    aliases: [],
  };
}

async function worst(kernel: Kernel, expected: number, engine: CpuOptions): Promise<number> {
  const { buffers, run } = await compileKernel(kernel, [], engine);
  for (const buffer of buffers) buffer.fill(0.1);
  run();
  return Math.max(...[...(buffers.at(-1) ?? [])].map((sum) => Math.abs(sum - expected) / expected));
}

describe.each(engines)("%s", (_, engine) => {
  test("a sum of neighbors", async () => {
    expect(await worst(reduction([], count, [count], load(0, at(1))), count * exact, engine)).toBeLessThan(
      1e-7,
    );
  });

  test("a sum with gaps, which is not done in lanes", async () => {
    expect(
      await worst(reduction([], count, [3 * count], load(0, at(3))), count * exact, engine),
    ).toBeLessThan(1e-7);
  });

  test("sums of columns", async () => {
    const rows = count / 8;
    expect(await worst(reduction([8], rows, [count], load(0, at(1, 8))), rows * exact, engine)).toBeLessThan(
      1e-7,
    );
  });

  test("products of long rows", async () => {
    const value = operation("mul", [load(0, at(count, 0, 1)), load(1, at(0, count, 1))]);
    const kernel = reduction([3, 3], count, [3 * count, 3 * count], value);
    expect(await worst(kernel, count * exact * exact, engine)).toBeLessThan(2e-6);
  });

  test("products of long columns", async () => {
    const value = operation("mul", [load(0, at(1, 0, 3)), load(1, at(0, 1, 4))]);
    const kernel = reduction([3, 4], count, [3 * count, 4 * count], value);
    expect(await worst(kernel, count * exact * exact, engine)).toBeLessThan(2e-6);
  });
});
