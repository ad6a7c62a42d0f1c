// TensorFlow.js with its WebAssembly backend. Honest settings: the SIMD binary that comes with the package, in one thread
// (its threads do not work in Node); `tidy` around every step, so that each tensor is freed and none leaks; weights are
// variables that are assigned, feeds come from the host as typed arrays and the loss goes back with `dataSync`, which
// waits for nothing in this backend; its own optimizers; production mode, so that nothing is checked. float32. An
// embedding is a product with one-hot rows, because the backend has no UnsortedSegmentSum, the adjoint of `gather`;
// products of three axes are reshaped to two where their weights are shared; AdamW is its Adam after a decay by hand.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import type { Contender, Runner } from "../runner.js";
import { feedOf, initialValue, type Model, type Workload } from "../workload.js";
import { deepRate, deepSizes } from "../workloads/deep.js";
import { gptDecay, gptRate, gptSizes, layersOf } from "../workloads/gpt.js";
import { lenetRate } from "../workloads/lenet.js";
import { textbookDecay, textbookRate } from "../workloads/textbook.js";

type Weights = ReadonlyMap<string, tf.Variable>;
type At = (name: string) => tf.Variable;
type Objective = (at: At, x: tf.Tensor, y: tf.Tensor) => tf.Scalar;

export const tfjs: Contender = {
  name: "tfjs",
  settings: "@tensorflow/tfjs and tfjs-backend-wasm 4.22.0, SIMD, one thread, `tidy` per step, float32",
  load: async (workload) => {
    wasm.setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm")))}/`);
    return loadTfjs("wasm", workload);
  },
};

/** On a backend that is registered. */
export async function loadTfjs(backend: "wasm" | "webgpu", workload: Workload): Promise<Runner | string> {
  const maker = makers[workload.model];
  if (typeof maker === "string") return maker;
  tf.enableProdMode();
  await tf.setBackend(backend);
  await tf.ready();
  return maker(workload);
}

const second = "second derivatives are silently wrong in it";

const makers = {
  textbook: (workload) => training(workload, textbook, tf.train.sgd(textbookRate)),
  deep: (workload) => training(workload, deep, adam(deepRate)),
  lenet: (workload) =>
    tf.getBackend() === "wasm"
      ? "its wasm backend has no Conv2DBackpropFilter, the gradient of a convolution's kernel"
      : training(workload, lenet, tf.train.sgd(lenetRate)),
  gpt: (workload) => {
    const objective: Objective = (at, x, y) => gpt(layersOf(workload.weights), at, x, y);
    return training(workload, objective, adam(gptRate), 1 - gptRate * gptDecay);
  },
  product: (workload) => applied(workload, (at) => tf.matMul(at("A"), at("B"))),
  map: (workload) =>
    applied(workload, (at) => tf.add(gelu(tf.add(tf.mul(at("x"), at("a")), at("b"))), at("c"))),
  conv: (workload) => applied(workload, (at) => convolved(at("x"), at("k"))),
  softmax: (workload) => applied(workload, (at) => tf.softmax(at("x"))),
  layerNorm: (workload) =>
    applied(workload, (at) => {
      const { mean, variance } = tf.moments(at("x"), -1, true);
      return tf.mul(tf.sub(at("x"), mean), tf.rsqrt(tf.add(variance, 1e-5)));
    }),
  columns: (workload) => applied(workload, (at) => tf.sum(at("x"), 0)),
  total: (workload) => applied(workload, (at) => tf.sum(tf.square(at("x")))),
  vector: (workload) => applied(workload, (at) => tf.dot(at("x"), at("v"))),
  hvp: second,
  hessian: second,
} satisfies Record<Model, ((workload: Workload) => Runner | string) | string>;

function adam(rate: number): tf.Optimizer {
  return tf.train.adam(rate, 0.9, 0.999, 1e-8);
}

function weightsOf(workload: Workload): Weights {
  return new Map(
    Object.entries(workload.weights).map(([name, { shape }]) => [
      name,
      tf.variable(tf.tensor(initialValue(workload, name), [...shape])),
    ]),
  );
}

function fed(workload: Workload, name: string): tf.Tensor {
  const { data, shape } = feedOf(workload, name);
  return tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32");
}

function owner(weights: Weights): At {
  return (name) => {
    const variable = weights.get(name);
    if (variable === undefined) throw new RangeError(`There is no weight ${name}.`);
    return variable;
  };
}

function product(x: tf.Tensor, w: tf.Tensor): tf.Tensor {
  return tf.matMul(x, w, false, true);
}

function dense(x: tf.Tensor, at: At, name: string, bias: string): tf.Tensor {
  return tf.add(product(x, at(name)), at(bias));
}

function crossEntropy(logits: tf.Tensor, y: tf.Tensor, classes: number): tf.Scalar {
  const labels = tf.oneHot(tf.cast(tf.reshape(y, [-1]), "int32"), classes);
  return tf.neg(tf.div(tf.sum(tf.mul(labels, tf.logSoftmax(logits))), y.size));
}

function ofFour(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}

/** Channels last, as it likes them. */
function channelsLast(x: tf.Tensor): tf.Tensor4D {
  return tf.transpose(ofFour(x), [0, 2, 3, 1]);
}

function channelsFirst(x: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(x, [0, 3, 1, 2]);
}

function filter(kernel: tf.Variable): tf.Tensor4D {
  return tf.transpose(ofFour(kernel), [2, 3, 1, 0]);
}

function convolved(x: tf.Variable, kernel: tf.Variable): tf.Tensor {
  return channelsFirst(tf.conv2d(channelsLast(x), filter(kernel), 1, "same"));
}

function lenet(at: At, x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const pooled = (node: tf.Tensor4D, k: number, pad: "same" | "valid"): tf.Tensor4D => {
    const mapped = tf.add<tf.Tensor4D>(tf.conv2d(node, filter(at(`K${k}`)), 1, pad), at(`k${k}`));
    return tf.avgPool(tf.relu(mapped), 2, 2, "valid");
  };
  const flat = tf.reshape(channelsFirst(pooled(pooled(channelsLast(x), 1, "same"), 2, "valid")), [-1, 400]);
  const first = tf.relu(dense(flat, at, "W1", "b1"));
  return crossEntropy(dense(tf.relu(dense(first, at, "W2", "b2")), at, "W3", "b3"), y, 10);
}

function gelu(x: tf.Tensor): tf.Tensor {
  const cubic = tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), cubic))));
}

function textbook(at: At, x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const loss = crossEntropy(product(tf.relu(product(x, at("W1"))), at("W2")), y, 10);
  const penalty = tf.add(tf.sum(tf.square(at("W1"))), tf.sum(tf.square(at("W2"))));
  return tf.add(loss, tf.mul(textbookDecay / 2, penalty));
}

function deep(at: At, x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const layers = deepSizes.slice(1);
  const o = layers.reduce((node, _, k) => dense(k === 0 ? node : tf.relu(node), at, `W${k}`, `b${k}`), x);
  return crossEntropy(o, y, 10);
}

function gpt(layers: number, at: At, x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const { width, heads, context, vocabulary } = gptSizes;
  const [batch = 0] = x.shape;
  const rows = batch * context;
  const norm = (node: tf.Tensor, name: string): tf.Tensor => {
    const centered = tf.sub(node, tf.mean(node, -1, true));
    const variance = tf.mean(tf.square(centered), -1, true);
    return tf.add(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, 1e-5))), at(`g${name}`)), at(`b${name}`));
  };
  const perHead = (node: tf.Tensor): tf.Tensor =>
    tf.transpose(tf.reshape(node, [batch, context, heads, width / heads]), [0, 2, 1, 3]);
  const ahead = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([context, context]), -1, 0)), -1e30);
  const tokens = tf.matMul(tf.oneHot(tf.cast(tf.reshape(x, [rows]), "int32"), vocabulary), at("token"));
  let stream: tf.Tensor = tf.reshape(tf.add(tf.reshape(tokens, [batch, context, width]), at("position")), [
    rows,
    width,
  ]);
  for (let k = 0; k < layers; k++) {
    const joint = dense(norm(stream, `first${k}`), at, `Wqkv${k}`, `bqkv${k}`);
    const [q = joint, keys = joint, v = joint] = tf.split(joint, 3, -1).map(perHead);
    const scores = tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(width / heads));
    const seen = tf.matMul(tf.softmax(tf.add(scores, ahead)), v);
    const joined = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [rows, width]);
    stream = tf.add(stream, dense(joined, at, `Wout${k}`, `bout${k}`));
    const inner = gelu(dense(norm(stream, `second${k}`), at, `Wup${k}`, `bup${k}`));
    stream = tf.add(stream, dense(inner, at, `Wdown${k}`, `bdown${k}`));
  }
  return crossEntropy(product(norm(stream, "last"), at("head")), y, vocabulary);
}

/** Elements on the host; the wasm backend has them there already. */
async function dataOf(value: tf.Tensor): Promise<ArrayLike<number>> {
  return tf.getBackend() === "wasm" ? value.dataSync() : value.data();
}

interface Queueing {
  readonly queue?: { onSubmittedWorkDone(): Promise<void> };
  endComputePassEncoder?(): void;
  submitQueue?(): void;
}

/** Submits what the WebGPU backend has gathered, and waits for the device; the wasm backend has done it all by then. */
async function done(): Promise<void> {
  const backend: Queueing = Object(tf.backend());
  backend.endComputePassEncoder?.();
  backend.submitQueue?.();
  await backend.queue?.onSubmittedWorkDone();
}

/** A training loop; the weights shrink by a factor before the optimizer moves them. */
function training(workload: Workload, objective: Objective, optimizer: tf.Optimizer, shrink = 1): Runner {
  const weights = weightsOf(workload);
  const at = owner(weights);
  const variables = [...weights.values()];
  let loss: ArrayLike<number> = [];
  const step = (): tf.Scalar => {
    const [x, y] = [fed(workload, "x"), fed(workload, "y")];
    const { value, grads } = optimizer.computeGradients(() => objective(at, x, y), variables);
    if (shrink !== 1) for (const variable of variables) variable.assign(tf.mul(variable, shrink));
    optimizer.applyGradients(grads);
    return value;
  };
  return {
    step: async () => {
      const value = tf.tidy(step);
      loss = await dataOf(value);
      value.dispose();
    },
    result: () => loss,
    dispose: () => {
      optimizer.dispose();
      tf.dispose(variables);
    },
  };
}

/** A function of weights that stay on the device, as its result does. */
function applied(workload: Workload, f: (at: At) => tf.Tensor): Runner {
  const weights = weightsOf(workload);
  let last: tf.Tensor | undefined;
  return {
    step: async () => {
      last?.dispose();
      last = tf.tidy(() => f(owner(weights)));
      await done();
    },
    result: async () => (last === undefined ? [] : await last.data()),
    dispose: () => {
      last?.dispose();
      tf.dispose([...weights.values()]);
    },
  };
}
