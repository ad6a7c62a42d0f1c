// Single layers over weights that stay on the device: a convolution, softmax and layer normalization of rows, sums, and a
// product with a vector.

import { conv2d, graph, layerNorm, matmul, type Node, softmax, square, sum } from "@adjoint/core";
import { filledWeight, type Model, parametersOf, type Weight, type Workload, weight } from "../workload.js";

interface Layer {
  readonly name: string;
  readonly title: string;
  readonly model: Model;
  readonly weights: Readonly<Record<string, Weight>>;
  readonly shape: readonly number[];
  readonly rate: NonNullable<Workload["rate"]>;
  readonly apply: (at: (name: string) => Node<never>) => Node<never>;
}

function layer({ name, title, model, weights: given, shape, rate, apply }: Layer): Workload {
  const weights = { ...given, y: filledWeight(shape) };
  return {
    name,
    family: "layers",
    title,
    model,
    weights,
    feeds: {},
    result: { weight: "y" },
    tolerance: 1e-4,
    rate,
    declare: (dtype) => {
      const at = parametersOf(weights, dtype);
      return graph({ outputs: {}, updates: [{ parameter: at("y"), value: apply(at) }] });
    },
  };
}

export function convolution(batch: number, channels: number, extent: number): Workload {
  const shape = [batch, channels, extent, extent];
  const amount = 2 * batch * channels * extent * extent * channels * 9;
  return layer({
    name: `conv ${channels}×${extent}²`,
    title: `3×3 convolution, ${batch} × ${channels} × ${extent} × ${extent}`,
    model: "conv",
    weights: { x: weight(shape, 1, 1), k: weight([channels, channels, 3, 3], 0.05, 2) },
    shape,
    rate: { unit: "GFLOP/s", amount },
    apply: (at) => conv2d(at("x"), at("k"), { padding: 1 }),
  });
}

function rows(model: "softmax" | "layerNorm", n: number, apply: (x: Node<never>) => Node<never>): Workload {
  return layer({
    name: `${model} ${n}`,
    title: `${model} of the rows of ${n} × ${n}`,
    model,
    weights: { x: weight([n, n], 1, 1) },
    shape: [n, n],
    rate: { unit: "GB/s", amount: 8 * n * n },
    apply: (at) => apply(at("x")),
  });
}

export function softmaxRows(n: number): Workload {
  return rows("softmax", n, (x) => softmax(x));
}

export function normalizedRows(n: number): Workload {
  return rows("layerNorm", n, (x) => layerNorm(x));
}

/** What reads a matrix once and leaves little. */
function reading(
  model: "columns" | "total" | "vector",
  n: number,
  title: string,
  shape: readonly number[],
  apply: Layer["apply"],
): Workload {
  const weights = { x: weight([n, n], 1, 1), ...(model === "vector" ? { v: weight([n], 1, 2) } : {}) };
  return layer({
    name: `${model} ${n}`,
    title,
    model,
    weights,
    shape,
    rate: { unit: "GB/s", amount: 4 * n * n },
    apply,
  });
}

export function columnSums(n: number): Workload {
  return reading("columns", n, `sums of the columns of ${n} × ${n}`, [n], (at) =>
    sum(at("x"), { axes: [0] }),
  );
}

export function total(n: number): Workload {
  return reading("total", n, `sum of the squares of ${n} × ${n}`, [], (at) => sum(square(at("x"))));
}

export function timesVector(n: number): Workload {
  return reading("vector", n, `${n} × ${n} times a vector`, [n], (at) => matmul(at("x"), at("v")));
}
