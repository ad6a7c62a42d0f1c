// Products large enough to be cut: sums in pieces, columns in panels and in blocks of panels, rows read where they lie, with
// every layout of the operands, alone and in batches, against sums in float64.

import { compileKernel } from "@adjoint/backend-cpu";
import { type Affine, addAffine, axisTimes, type Kernel, type Load, operation } from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { engines } from "./engine.js";

const at = (...strides: readonly number[]): Affine =>
  strides.map((stride, axis) => axisTimes(axis, stride)).reduce(addAffine);

const load = (buffer: number, offset: Affine): Load => {
  return { kind: "load", dtype: "float32", buffer, offset, indirect: [], bounds: [], fill: 0 };
};

interface Sizes {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly points: number;
}

/** Strides on the axes batch, row, column, point of an operand [batch, rows or columns, points], or with the last two exchanged. */
function strides({ points }: Sizes, along: "row" | "column", size: number, transposed: boolean): number[] {
  const [own, point] = transposed ? [1, size] : [points, 1];
  return [size * points, along === "row" ? own : 0, along === "column" ? own : 0, point];
}

function product(sizes: Sizes, left: readonly number[], right: readonly number[]): Kernel {
  const { batch, rows, columns, points } = sizes;
  const buffer = (size: number, access: "read" | "write") => ({ dtype: "float32", size, access }) as const;
  const value = operation("mul", [load(0, at(...left)), load(1, at(...right))]);
  const sum = { kind: "accumulator", dtype: "float32", stage: 0, index: 0 } as const;
  const place = { buffer: 3, offset: at(rows * columns, columns, 1), indirect: [], bounds: [] };
  return {
    buffers: [
      buffer(batch * rows * points, "read"),
      buffer(batch * columns * points, "read"),
      buffer(columns, "read"),
      buffer(batch * rows * columns, "write"),
    ],
    axes: [batch, rows, columns].map((extent) => ({ extent, order: "parallel" })),
    stages: [
      { axes: [points], accumulators: [{ combine: "add", value }], stores: [] },
      {
        axes: [],
        accumulators: [],
        stores: [{ ...place, value: operation("add", [sum, load(2, at(0, 0, 1))]) }],
      },
    ],
    aliases: [],
  };
}

const shapes: readonly Sizes[] = [
  { batch: 1, rows: 37, columns: 64, points: 601 },
  { batch: 1, rows: 50, columns: 272, points: 300 },
  { batch: 1, rows: 13, columns: 530, points: 257 },
  { batch: 2, rows: 31, columns: 48, points: 520 },
  { batch: 3, rows: 9, columns: 33, points: 40 },
  { batch: 1, rows: 5, columns: 19, points: 2100 },
];
const layouts = [false, true].flatMap((left) => [false, true].map((right) => ({ left, right })));

describe.each(engines)("%s", (_, engine) => {
  describe.each(shapes)("$batch × $rows × $columns, $points points", (sizes) => {
    test.each(layouts)("left transposed: $left, right transposed: $right", async (layout) => {
      const { batch, rows, columns, points } = sizes;
      const left = strides(sizes, "row", rows, layout.left);
      const right = strides(sizes, "column", columns, layout.right);
      const { buffers, run } = await compileKernel(product(sizes, left, right), [], engine);
      const [a, b, bias, result] = buffers;
      if (a === undefined || b === undefined || bias === undefined || result === undefined)
        throw new RangeError("A kernel has as many buffers in memory as in its description.");
      for (const [index, buffer] of [a, b, bias].entries())
        for (let i = 0; i < buffer.length; i++) buffer[i] = Math.sin(1 + i * (index + 1.37));
      run();
      const element = (from: ArrayLike<number>, by: readonly number[], place: readonly number[]): number =>
        from[place.reduce((sum, position, axis) => sum + position * (by[axis] ?? 0), 0)] ?? Number.NaN;
      let worst = 0;
      for (let n = 0; n < batch; n++) {
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let sum = bias[j] ?? Number.NaN;
            for (let k = 0; k < points; k++)
              sum += element(a, left, [n, i, j, k]) * element(b, right, [n, i, j, k]);
            const difference = Math.abs((result[(n * rows + i) * columns + j] ?? Number.NaN) - sum);
            if (!(difference <= worst)) worst = difference;
          }
        }
      }
      expect(worst).toBeLessThan(1e-6 * points ** 0.5 * 4);
    });
  });
});
