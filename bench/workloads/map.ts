// W6: gelu(x·a + b) + c in its tanh form over millions of elements, with scalars a, b and c, all on the device.

import { add, gelu, graph, mul } from "@adjoint/core";
import { filledWeight, parametersOf, type Workload, weight } from "../workload.js";

export const mapScalars = { a: 1.25, b: 0.5, c: -0.25 } as const;

/** Over so many millions (2²⁰) of elements. */
export function map(millions = 1): Workload {
  const size = millions << 20;
  const weights = {
    x: weight([size], 2, 1),
    a: filledWeight([], mapScalars.a),
    b: filledWeight([], mapScalars.b),
    c: filledWeight([], mapScalars.c),
    z: filledWeight([size]),
  };
  return {
    name: `W6 ${millions}M`,
    family: "W6",
    title: `gelu(x·a + b) + c over ${millions}M elements`,
    model: "map",
    weights,
    feeds: {},
    result: { weight: "z" },
    tolerance: 1e-6,
    rate: { unit: "GB/s", amount: 8 * size },
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      const value = add(gelu(add(mul(at("x"), at("a")), at("b")), "tanh"), at("c"));
      return graph({ outputs: {}, updates: [{ parameter: at("z"), value }] });
    },
  };
}
