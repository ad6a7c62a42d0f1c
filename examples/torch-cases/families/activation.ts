// Activations of torch.nn.functional.

import {
  celu,
  elu,
  gelu,
  glu,
  greater,
  hardSwish,
  hardshrink,
  hardTanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  mul,
  type Node,
  neg,
  prelu,
  relu,
  relu6,
  reshape,
  selu,
  silu,
  sizeOf,
  softmax,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  where,
} from "@adjoint/core";
import { type Mapping, type Mappings, op, ranked } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

/** An activation without options. */
function activation(f: (x: Node) => Node): Mapping {
  return op("input inplace", (a) => f(a.tensor("input")));
}

function normalizing(f: (x: Node, options: { readonly axes: number }) => Node, sign = 1): Mapping {
  return op("input dim _stacklevel dtype", (a) => {
    if (a.has("dtype") && a.text("dtype") !== "torch.float64") throw new UnsupportedError("another dtype");
    const axes = a.number("dim");
    return ranked(a.tensor("input"), (x) => f(sign === 1 ? x : neg(x), { axes }));
  });
}

/** One slope for all, or one per channel. */
function slopes(x: Node, weight: Node): Node {
  if (sizeOf(weight.shape) === 1) return reshape(weight, []);
  return reshape(weight, [...weight.shape, ...x.shape.slice(2).map(() => 1)]);
}

/** Log of the sum where the threshold is not passed, and x itself where it is, as PyTorch switches. */
function switchedSoftplus(x: Node, beta: number, limit: number): Node {
  const scaled = mul(x, beta);
  return where(greater(scaled, limit), x, mul(1 / beta, softplus(scaled)));
}

export const activations: Mappings = {
  log_softmax: normalizing(logSoftmax),
  "nn.functional.log_softmax": normalizing(logSoftmax),
  softmax: normalizing(softmax),
  "nn.functional.softmax": normalizing(softmax),
  "nn.functional.softmin": normalizing(softmax, -1),
  "nn.functional.celu": op("input alpha inplace", (a) => celu(a.tensor("input"), a.number("alpha", 1))),
  "nn.functional.elu": op("input alpha inplace", (a) => elu(a.tensor("input"), a.number("alpha", 1))),
  "nn.functional.gelu": op("input approximate", (a) =>
    gelu(a.tensor("input"), a.text("approximate", "none") === "tanh" ? "tanh" : "none"),
  ),
  "nn.functional.glu": op("input dim", (a) => glu(a.tensor("input"), a.number("dim", -1))),
  "nn.functional.hardshrink": op("input lambd", (a) => hardshrink(a.tensor("input"), a.number("lambd", 0.5))),
  "nn.functional.hardswish": activation(hardSwish),
  "nn.functional.hardtanh": op("input min_val max_val inplace", (a) =>
    hardTanh(a.tensor("input"), a.number("min_val", -1), a.number("max_val", 1)),
  ),
  "nn.functional.leaky_relu": op("input negative_slope inplace", (a) =>
    leakyRelu(a.tensor("input"), a.number("negative_slope", 0.01)),
  ),
  "nn.functional.logsigmoid": activation(logSigmoid),
  "nn.functional.mish": activation(mish),
  "nn.functional.prelu": op("input weight", (a) => {
    const x = a.tensor("input");
    return prelu(x, slopes(x, a.tensor("weight")));
  }),
  "nn.functional.relu": activation(relu),
  "nn.functional.relu6": activation(relu6),
  "nn.functional.rrelu": op("input lower upper training inplace", (a) => {
    if (a.flag("training", false)) throw new UnsupportedError("random slopes while training");
    return leakyRelu(a.tensor("input"), (a.number("lower", 1 / 8) + a.number("upper", 1 / 3)) / 2);
  }),
  "nn.functional.selu": activation(selu),
  "nn.functional.silu": activation(silu),
  "nn.functional.softplus": op("input beta threshold", (a) =>
    switchedSoftplus(a.tensor("input"), a.number("beta", 1), a.number("threshold", 20)),
  ),
  "nn.functional.softshrink": op("input lambd", (a) => softshrink(a.tensor("input"), a.number("lambd", 0.5))),
  "nn.functional.softsign": activation(softsign),
  "nn.functional.tanhshrink": activation(tanhshrink),
  "nn.functional.threshold": op("input threshold value inplace", (a) =>
    threshold(a.tensor("input"), a.number("threshold"), a.number("value")),
  ),
};
