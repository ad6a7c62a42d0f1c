// What is left when a thread traps: the step is refused, the workers live, and the next step is right. Plans are verified before
// they get here, so that the trap is made by hand: a kernel that reads far beyond the memory wherever it is told to.

import { cpu } from "@adjoint/backend-cpu";
import { axisTimes, type Kernel, type Load } from "@adjoint/core/kernel";
import type { HostArray } from "@adjoint/scheduler/plan";
import { describe, expect, test } from "vitest";
import { planOf, type Tensor } from "./plans.js";

const size = 64;

const plain = (buffer: number, dtype: Load["dtype"]): Load => ({
  kind: "load",
  dtype,
  buffer,
  offset: axisTimes(0),
  indirect: [],
  bounds: [],
  fill: 0,
});

/** y[i] = x[at[i]], where it is a lie that x has 2²⁸ elements. */
const pick: Kernel = {
  buffers: [
    { dtype: "float32", size, access: "read" },
    { dtype: "int32", size, access: "read" },
    { dtype: "float32", size, access: "write" },
  ],
  axes: [{ extent: size, order: "parallel" }],
  stages: [
    {
      axes: [],
      accumulators: [],
      stores: [
        {
          buffer: 2,
          offset: axisTimes(0),
          indirect: [],
          bounds: [],
          value: {
            ...plain(0, "float32"),
            offset: { offset: 0, strides: [] },
            indirect: [{ index: plain(1, "int32"), stride: 1, extent: 2 ** 28 }],
          },
        },
      ],
    },
  ],
  aliases: [],
};

const tensor = (name: string, space: Tensor["space"], dtype: Tensor["dtype"]): Tensor => {
  return { name, space, dtype, shape: [size] };
};

const plan = planOf(
  [tensor("x", "input", "float32"), tensor("at", "input", "int32"), tensor("y", "arena", "float32")],
  [{ kernel: pick, buffers: ["x", "at", "y"] }],
  ["y"],
);

const x = Float32Array.from({ length: size }, (_, i) => i + 0.5);
const reversed = Int32Array.from({ length: size }, (_, i) => size - 1 - i);
/** Each of two threads does a half. */
const halves = {
  "the calling thread": [0, size / 2],
  "a worker": [size / 2, size],
  "every thread": [0, size],
};

describe.each(Object.entries(halves))("%s traps", (_, [from = 0, to = 0]) => {
  test.each([1, 2, 3])("with %i threads", async (threads) => {
    const executable = await cpu({ threads, divideFrom: 0 }).load(new Map([["main", plan]]));
    const run = async (at: Int32Array): Promise<unknown> =>
      (
        await executable.run(
          "main",
          new Map<string, HostArray>([
            ["x", x],
            ["at", at],
          ]),
        )
      ).get("y");
    for (let times = 0; times < 3; times++) {
      await expect(run(reversed.map((at, i) => (i >= from && i < to ? 2 ** 27 : at)))).rejects.toThrow(
        /out of bounds|unreachable/,
      );
      expect(await run(reversed)).toEqual(x.slice().reverse());
    }
    await executable.dispose();
  });
});
