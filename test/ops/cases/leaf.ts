/** Cases of leaves. */

import { constant, input, iota, parameter, values } from "@adjoint/core";
import { type Cases, float } from "./case.js";

export const leaf = {
  input: [{ operands: [float([2, 2])], build: (x) => (x.op === input.op ? x : []), value: (x) => x.data }],
  parameter: [
    { operands: [], build: () => parameter("p", [3], values([1, 2.5, -3])), value: [1, 2.5, -3] },
    { title: "zeros", operands: [], build: () => parameter("p", [2]), value: [0, 0] },
  ],
  constant: [
    {
      operands: [],
      build: () =>
        constant([
          [1, 2],
          [3, 4.5],
        ]),
      shape: [2, 2],
      value: [1, 2, 3, 4.5],
    },
    {
      title: "filled",
      operands: [],
      build: () => constant(7, { shape: [3], dtype: "int32" }),
      value: [7, 7, 7],
    },
    { title: "empty", operands: [], build: () => constant([], { shape: [0, 2] }), value: [] },
  ],
  iota: [
    { operands: [], build: () => iota([4]), value: [0, 1, 2, 3] },
    { operands: [], build: () => iota([2, 3], 0, "float32"), value: [0, 0, 0, 1, 1, 1] },
    { operands: [], build: () => iota([2, 3], -1), value: [0, 1, 2, 0, 1, 2] },
  ],
} satisfies Cases;
