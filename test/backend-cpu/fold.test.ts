// Integer operations on positions, of which the extents of loops say the result, or an easier way to it: exactly as the interpreter.

import { compileKernel } from "@adjoint/backend-cpu";
import {
  axisTimes,
  constant,
  interpretKernel,
  type Kernel,
  type KernelScalar,
  operation,
} from "@adjoint/core/kernel";
import { expect, test } from "vitest";
import { engines } from "./engine.js";

const position: KernelScalar = { kind: "coordinate", dtype: "int32", axis: 0 };
const integer = (value: number): KernelScalar => constant(value, "int32");
const moved = operation("sub", [position, integer(5)]);
const chosen = (condition: KernelScalar): KernelScalar =>
  operation("select", [condition, integer(1), operation("mul", [position, integer(3)])]);
const quotient = operation("div", [position, integer(4)]);
const clipped = operation("max", [integer(0), operation("min", [moved, integer(7)])]);

const cases: readonly (readonly [name: string, KernelScalar])[] = [
  ["i / 4", quotient],
  ["i % 4", operation("rem", [position, integer(4)])],
  ["i / 1", operation("div", [position, integer(1)])],
  ["i % 1", operation("rem", [position, integer(1)])],
  ["i / 3", operation("div", [position, integer(3)])],
  ["i % 3", operation("rem", [position, integer(3)])],
  ["i / 0", operation("div", [position, integer(0)])],
  ["i % 0", operation("rem", [position, integer(0)])],
  ["i / -4", operation("div", [position, integer(-4)])],
  ["i / 1024", operation("div", [position, integer(1024)])],
  ["i % 1024", operation("rem", [position, integer(1024)])],
  ["(i - 5) / 4", operation("div", [moved, integer(4)])],
  ["(i - 5) % 4", operation("rem", [moved, integer(4)])],
  ["clip(i - 5) / 4", operation("div", [clipped, integer(4)])],
  ["clip(i - 5) % 8", operation("rem", [clipped, integer(8)])],
  ["i < 9", chosen(operation("lt", [position, integer(9)]))],
  ["i < 37", chosen(operation("lt", [position, integer(37)]))],
  ["i <= 0", chosen(operation("le", [position, integer(0)]))],
  ["i <= -1", chosen(operation("le", [position, integer(-1)]))],
  ["i = 36", chosen(operation("eq", [position, integer(36)]))],
  ["i = 40", chosen(operation("eq", [position, integer(40)]))],
  [
    "0 <= i / 4 and i / 4 < 10",
    chosen(
      operation("and", [operation("le", [integer(0), quotient]), operation("lt", [quotient, integer(10)])]),
    ),
  ],
  [
    "i < 0 or i < 20",
    chosen(
      operation("or", [operation("lt", [position, integer(0)]), operation("lt", [position, integer(20)])]),
    ),
  ],
  [
    "i + (2^31 - 1) wraps",
    chosen(operation("lt", [integer(0), operation("add", [position, integer(2 ** 31 - 1)])])),
  ],
];

test.each(cases)("%s", async (_, value) => {
  for (const extent of [1, 4, 37]) {
    const offset = axisTimes(0, 1);
    const kernel: Kernel = {
      buffers: [{ dtype: "int32", size: extent, access: "write" }],
      axes: [{ extent, order: "parallel" }],
      stages: [
        { axes: [], accumulators: [], stores: [{ buffer: 0, offset, indirect: [], bounds: [], value }] },
      ],
      aliases: [],
    };
    const expected = [new Float64Array(extent)];
    interpretKernel(kernel, expected);
    for (const [, engine] of engines) {
      const { buffers, run } = await compileKernel(kernel, [], engine);
      run();
      expect([...(buffers[0] ?? [])]).toEqual([...(expected[0] ?? [])]);
    }
  }
});
