// Kernels whose last stage evaluates what an earlier one has: right apart and in place, and whatever else the last stage reads.

import { compileKernel } from "@adjoint/backend-cpu";
import {
  type Affine,
  addAffine,
  axisTimes,
  interpretKernel,
  type Kernel,
  type KernelScalar,
  type Load,
  operation,
} from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { engines } from "./engine.js";

const rows = 5;

const at = (...strides: readonly number[]): Affine =>
  strides.map((stride, axis) => axisTimes(axis, stride)).reduce(addAffine);

const load = (offset: Affine): Load => ({
  kind: "load",
  dtype: "float32",
  buffer: 0,
  offset,
  indirect: [],
  bounds: [],
  fill: 0,
});

const sum: KernelScalar = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 };

/** The result in memory of its own, and in that of the operand. */
const places = [[], [[0, 1]]] as const;

/** What the last stage stores, from e = exp(x), the sum of all e in the row, and x. */
const results = {
  softmax: (e: KernelScalar) => operation("div", [e, sum]),
  "with the operand again": (e: KernelScalar, x: KernelScalar) =>
    operation("mul", [operation("div", [e, sum]), x]),
  "nothing but the value": (e: KernelScalar) => e,
  "the value twice": (e: KernelScalar) => operation("mul", [e, operation("sub", [e, sum])]),
} as const;

function kernelOf(name: keyof typeof results, length: number): Kernel {
  const place = at(length, 1);
  // Equal, but not the same objects: as kernels come from plans that were read.
  const value = (): KernelScalar => operation("exp", [load(place)]);
  return {
    buffers: [
      { dtype: "float32", size: rows * length, access: "read" },
      { dtype: "float32", size: rows * length, access: "write" },
    ],
    axes: [{ extent: rows, order: "parallel" }],
    stages: [
      { axes: [length], accumulators: [{ combine: "add", value: value() }], stores: [] },
      {
        axes: [length],
        accumulators: [],
        stores: [
          { buffer: 1, offset: place, indirect: [], bounds: [], value: results[name](value(), load(place)) },
        ],
      },
    ],
    aliases: [[1, 0]],
  };
}

describe.each(
  Object.keys(results).filter((name): name is keyof typeof results => Object.hasOwn(results, name)),
)("%s", (name) => {
  test.each([1, 3, 4, 16, 37, 64, 70])("of %d", async (length) => {
    const kernel = kernelOf(name, length);
    const content = Float64Array.from({ length: rows * length }, (_, i) =>
      Math.fround(3 * Math.sin(i * 1.7)),
    );
    for (const [shared, [, engine]] of places.flatMap((place) =>
      engines.map((engine) => [place, engine] as const),
    )) {
      const compiled = await compileKernel(kernel, shared, engine);
      const expected = [content.slice(), new Float64Array(rows * length)];
      compiled.buffers[0]?.set(content);
      compiled.run();
      interpretKernel(kernel, expected);
      const found = compiled.buffers[1] ?? [];
      for (const [index, wanted] of (expected[1] ?? []).entries())
        expect(Math.abs((found[index] ?? Number.NaN) - wanted)).toBeLessThanOrEqual(
          2e-6 * Math.abs(wanted) + 1e-7,
        );
    }
  });
});
