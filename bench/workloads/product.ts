// W5: the product of two square matrices that stay on the device.

import { graph, matmul } from "@adjoint/core";
import { filledWeight, parametersOf, type Workload, weight } from "../workload.js";

export function product(n: number): Workload {
  const weights = { A: weight([n, n], 1, 1), B: weight([n, n], 1, 2), C: filledWeight([n, n]) };
  return {
    name: `W5 ${n}`,
    family: "W5",
    title: `matrix product, n = ${n}`,
    model: "product",
    weights,
    feeds: {},
    result: { weight: "C" },
    tolerance: 1e-5,
    rate: { unit: "GFLOP/s", amount: 2 * n ** 3 },
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      return graph({ outputs: {}, updates: [{ parameter: at("C"), value: matmul(at("A"), at("B")) }] });
    },
  };
}
