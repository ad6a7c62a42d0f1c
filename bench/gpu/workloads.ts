// What is measured on a GPU: products of square matrices, single layers, and the training steps W1 to W4.

import { add, graph, matmul, parameter } from "@adjoint/core";
import { filledWeight, parametersOf, type Workload } from "../workload.js";
import { deep } from "../workloads/deep.js";
import { gpt } from "../workloads/gpt.js";
import {
  columnSums,
  convolution,
  normalizedRows,
  softmaxRows,
  timesVector,
  total,
} from "../workloads/layers.js";
import { lenet } from "../workloads/lenet.js";
import { map } from "../workloads/map.js";
import { product } from "../workloads/product.js";
import { textbook } from "../workloads/textbook.js";
import { productSamples, type Samples } from "./samples.js";

export interface Entry {
  readonly family: string;
  readonly make: () => Workload;
  /** Whether every step gives the same, so that one in float64 is enough to compare with. */
  readonly isStationary?: boolean;
  /** A few elements of the result, where all of it in float64 would take minutes. */
  readonly samples?: Samples;
  /** In float16, which the peers do not take part in. */
  readonly isHalf?: boolean;
}

/** How large products, layers and networks are. */
export interface Sizes {
  /** Rows and columns of the matrices that are multiplied. */
  readonly products: readonly number[];
  readonly convolution: readonly [batch: number, channels: number, extent: number];
  /** Rows and columns of the matrices that rows, columns and sums are taken of. */
  readonly matrix: number;
  /** Elements of a map, in 2²⁰. */
  readonly mebis: number;
  readonly batches: readonly number[];
  readonly gpt: readonly [layers: number, batch: number];
}

/** For a GPU. */
export const full: Sizes = {
  products: [256, 512, 1024, 2048, 4096],
  convolution: [16, 64, 56],
  matrix: 4096,
  mebis: 16,
  batches: [1, 32, 256],
  gpt: [4, 16],
};

/** For a software driver, which should get to an end: what is measured then is whether everybody's results are right. */
export const small: Sizes = {
  products: [64, 256],
  convolution: [2, 16, 28],
  matrix: 256,
  mebis: 1,
  batches: [1, 32],
  gpt: [1, 1],
};

/** With a number that counts steps, which is read to wait for them: the matrices themselves would take longer. */
function counted(workload: Workload): Workload {
  const weights = { ...workload.weights, steps: filledWeight([1]) };
  return {
    ...workload,
    weights,
    declare: (dtype) => {
      const { outputs, updates } = workload.declare(dtype);
      const steps = parametersOf(weights, dtype)("steps");
      return graph({ outputs, updates: [...updates, { parameter: steps, value: add(steps, 1) }] });
    },
  };
}

function halfProduct(n: number): Workload {
  const single = product(n);
  const half = (name: string) => {
    const { shape = [], initializer } = single.weights[name] ?? {};
    if (initializer === undefined) throw new RangeError(`A product has no ${name}.`);
    return parameter(name, shape, initializer, { dtype: "float16" });
  };
  return {
    ...single,
    name: `${single.name} f16`,
    title: `${single.title}, float16 with float32 sums`,
    tolerance: 5e-3,
    declare: (dtype) =>
      dtype === "float64"
        ? single.declare(dtype)
        : graph({
            outputs: {},
            updates: [{ parameter: half("C"), value: matmul(half("A"), half("B")) }],
          }),
  };
}

export function entriesOf(sizes: Sizes): readonly Entry[] {
  const {
    products,
    convolution: [batch, channels, extent],
    matrix,
    mebis,
    batches,
    gpt: [depth, sequences],
  } = sizes;
  const layers = [
    () => convolution(batch, channels, extent),
    () => softmaxRows(matrix),
    () => normalizedRows(matrix),
    () => map(mebis),
    () => columnSums(matrix),
    () => total(matrix),
    () => timesVector(matrix),
  ];
  return [
    ...products.map((n) => {
      return { family: "matmul", make: () => counted(product(n)), samples: productSamples(n) };
    }),
    ...products.map((n) => {
      return {
        family: "matmul",
        make: () => counted(halfProduct(n)),
        samples: productSamples(n),
        isHalf: true,
      };
    }),
    ...layers.map((make) => ({ family: "layers", make: () => counted(make()), isStationary: true })),
    ...batches.map((size) => ({ family: "W1", make: () => textbook(size) })),
    { family: "W2", make: deep },
    { family: "W3", make: lenet },
    { family: "W4", make: () => gpt(depth, sequences) },
  ];
}
