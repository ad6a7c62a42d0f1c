/** Cases of activations. */

import {
  celu,
  elu,
  gelu,
  glu,
  hardSigmoid,
  hardSwish,
  hardshrink,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  type Node,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "@adjoint/core";
import { type Case, type Cases, float, integers, points } from "./case.js";
import { each, pairwise } from "./expect.js";

const { POSITIVE_INFINITY: infinity } = Number;

function drawn(build: (x: Node) => Node, value: (x: number) => number, low = -4, high = 4): Case {
  return { operands: [float([2, 5], low, high)], build, value: each(value) };
}

function at(
  title: string,
  elements: readonly number[],
  build: (x: Node) => Node,
  value: readonly number[],
  gradient: readonly number[],
): Case {
  return { title, operands: [points(elements)], order: 0, build, value, gradients: [gradient] };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const far = [-1e4, 1e4, 0];

export const activation = {
  sigmoid: [
    drawn(sigmoid, logistic),
    at("far out", [-1e4, 1e4, -infinity, infinity], sigmoid, [0, 1, 0, 1], [0, 0, 0, 0]),
  ],
  logSigmoid: [
    drawn(logSigmoid, (x) => Math.log(logistic(x))),
    at("far out", far, logSigmoid, [-1e4, 0, -Math.LN2], [1, 0, 0.5]),
  ],
  softplus: [
    drawn(softplus, (x) => Math.log(1 + Math.exp(x))),
    at("far out", far, softplus, [0, 1e4, Math.LN2], [0, 1, 0.5]),
  ],
  relu: [
    drawn(relu, (x) => Math.max(x, 0)),
    at("at 0", [0, -0, infinity], relu, [0, 0, infinity], [0, 0, 1]),
    { operands: [integers([3], [-3, 0, 5])], build: (x) => relu(x), value: [0, 0, 5] },
  ],
  relu6: [drawn(relu6, (x) => Math.min(Math.max(x, 0), 6), -3, 9)],
  leakyRelu: [
    drawn(
      (x) => leakyRelu(x, 0.1),
      (x) => (x > 0 ? x : 0.1 * x),
    ),
    drawn(
      (x) => leakyRelu(x, -0.5),
      (x) => (x > 0 ? x : -0.5 * x),
    ),
    at("at 0", [0, -0], (x) => leakyRelu(x), [0, 0], [0.01, 0.01]),
  ],
  prelu: [
    {
      operands: [float([2, 3, 4]), float([3, 1])],
      build: (x, slope) => prelu(x, slope),
      value: pairwise((x = 0, slope = 0) => (x > 0 ? x : slope * x)),
    },
  ],
  elu: [
    drawn(
      (x) => elu(x),
      (x) => (x > 0 ? x : Math.expm1(x)),
    ),
    drawn(
      (x) => elu(x, 1.7),
      (x) => (x > 0 ? x : 1.7 * Math.expm1(x)),
    ),
    at("far out", far, (x) => elu(x), [-1, 1e4, 0], [0, 1, 1]),
  ],
  selu: [drawn(selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)))],
  celu: [
    drawn(
      (x) => celu(x, 1.5),
      (x) => (x > 0 ? x : 1.5 * Math.expm1(x / 1.5)),
    ),
  ],
  gelu: [
    {
      title: "known",
      operands: [points([-6, -1, 0, 0.5, 3])],
      build: (x) => gelu(x),
      value: [-5.9195258702261885e-9, -0.15865525393145705, 0.0, 0.34573123063700656, 2.99595030590511],
    },
    at("far out", far, (x) => gelu(x), [0, 1e4, 0], [0, 1, 0.5]),
    drawn(
      (x) => gelu(x, "tanh"),
      (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    ),
    at("tanh far out", [-1e30, 1e30, 0], (x) => gelu(x, "tanh"), [0, 1e30, 0], [0, 1, 0.5]),
  ],
  silu: [
    drawn(silu, (x) => x * logistic(x)),
    at("far out", [-200, -1e4, 1e30, 0], silu, [-200 * Math.exp(-200), 0, 1e30, 0], [0, 0, 1, 0.5]),
  ],
  mish: [
    drawn(mish, (x) => x * Math.tanh(Math.log1p(Math.exp(x)))),
    at("far out", far, mish, [0, 1e4, 0], [0, 1, 0.6]),
  ],
  softsign: [
    drawn(softsign, (x) => x / (1 + Math.abs(x))),
    at("at 0 and far out", [0, 1e30], softsign, [0, 1], [1, 0]),
  ],
  hardSigmoid: [
    drawn(
      (x) => hardSigmoid(x),
      (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    ),
  ],
  hardSwish: [drawn(hardSwish, (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6)],
  hardTanh: [
    drawn(
      (x) => hardTanh(x),
      (x) => Math.min(Math.max(x, -1), 1),
    ),
  ],
  softshrink: [
    drawn(
      (x) => softshrink(x),
      (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0),
    ),
    at("at the limits", [0.5, -0.5, 0], (x) => softshrink(x), [0, 0, 0], [0, 0, 0]),
  ],
  hardshrink: [
    drawn(
      (x) => hardshrink(x),
      (x) => (Math.abs(x) > 0.5 ? x : 0),
    ),
  ],
  tanhshrink: [drawn(tanhshrink, (x) => x - Math.tanh(x))],
  threshold: [
    drawn(
      (x) => threshold(x, 0.5, -3),
      (x) => (x > 0.5 ? x : -3),
    ),
  ],
  glu: [
    {
      operands: [float([2, 6])],
      build: (x) => glu(x),
      shape: [2, 3],
      value: (x) =>
        [0, 1, 2, 6, 7, 8].map((position) => (x.data[position] ?? 0) * logistic(x.data[position + 3] ?? 0)),
    },
    { operands: [float([2, 4, 3])], build: (x) => glu(x, 1), shape: [2, 2, 3] },
  ],
} satisfies Cases;
