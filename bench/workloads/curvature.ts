// W7: second derivatives of the textbook network at d = 20, h = 16, q = 5, its 400 weights one vector: a Hessian-vector
// product, and the full Hessian.

import {
  add,
  graph,
  matmul,
  mean,
  mul,
  type Node,
  relu,
  reshape,
  sliceAxis,
  softmaxCrossEntropy,
  square,
  sum,
  transpose,
} from "@adjoint/core";
import { hessian, hvp } from "@adjoint/scheduler";
import { type Float, floats, inputOf, integers, parametersOf, type Workload, weight } from "../workload.js";

export const curvatureSizes = { d: 20, h: 16, q: 5, batch: 32 } as const;
export const curvatureDecay = 1e-4;

const { d, h, q, batch } = curvatureSizes;
const size = h * d + q * h;
const weights = { t: weight([size], 0.3, 1) };
const network = { x: floats([batch, d], 2), y: integers([batch], q, 3) };

function objective(t: Node, dtype: Float): Node {
  const W1 = reshape(sliceAxis(t, 0, 0, h * d), [h, d]);
  const W2 = reshape(sliceAxis(t, 0, h * d, size), [q, h]);
  const o = matmul(relu(matmul(inputOf("x", network.x, dtype), transpose(W1))), transpose(W2));
  const loss = mean(softmaxCrossEntropy(o, inputOf("y", network.y, dtype)));
  return add(loss, mul(curvatureDecay / 2, sum(square(t))));
}

export function hessianVectorProduct(): Workload {
  const feeds = { ...network, v: floats([size], 4) };
  return {
    name: "W7 HVP",
    family: "W7",
    title: `Hessian-vector product, 20-16-5, batch ${batch}`,
    model: "hvp",
    weights,
    feeds,
    result: { output: "Hv" },
    tolerance: 1e-5,
    declare: (dtype) => {
      const t = parametersOf(weights, dtype)("t");
      const [Hv] = hvp(objective(t, dtype), [t], [inputOf("v", feeds.v, dtype)]);
      return graph({ outputs: { Hv } });
    },
  };
}

export function fullHessian(): Workload {
  return {
    name: "W7 Hessian",
    family: "W7",
    title: `full Hessian (400 × 400), 20-16-5, batch ${batch}`,
    model: "hessian",
    weights,
    feeds: network,
    result: { output: "H" },
    tolerance: 1e-5,
    declare: (dtype) => {
      const t = parametersOf(weights, dtype)("t");
      return graph({ outputs: { H: hessian(objective(t, dtype), t) } });
    },
  };
}
