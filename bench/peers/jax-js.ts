// @jax-js/jax as its documentation says to use it. Honest settings: its wasm device (the fastest that Node has), in one
// thread (in Node it finds no global Worker; it would not use more as shipped); every step is one `jit` around
// `valueAndGrad` and the update, so that it fuses what it can; every array is owned or `.ref`ed and none is left to a
// collector (a missed dispose would slow it tenfold); weights stay on the device from step to step, feeds come from the
// host as typed arrays and the loss goes back with `data()`, its fastest way. float32. Attention is written out, because
// its `dotProductAttention` needs Node 22; pooling is a mean over a reshape, embedding a `take`, the Hessian its `hessian`.

import {
  blockUntilReady,
  defaultDevice,
  grad,
  hessian,
  init,
  type Array as JaxArray,
  jit,
  jvp,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from "@jax-js/jax";
import type { Contender, Runner } from "../runner.js";
import { feedOf, initialValue, type Model, type Workload } from "../workload.js";
import { curvatureDecay, curvatureSizes } from "../workloads/curvature.js";
import { deepRate, deepSizes } from "../workloads/deep.js";
import { gptDecay, gptRate, gptSizes, layersOf } from "../workloads/gpt.js";
import { lenetRate } from "../workloads/lenet.js";
import { textbookDecay, textbookRate } from "../workloads/textbook.js";

type Tree = { [name: string]: JaxArray };
/** One more reference to a weight. */
type At = (name: string) => JaxArray;
type Objective = (weights: Tree, x: JaxArray, y: JaxArray) => JaxArray;

export const jaxJs = jaxJsOn("wasm", "wasm device, one thread");

export function jaxJsOn(device: "wasm" | "webgpu", how: string): Contender {
  return {
    name: "jax-js",
    settings: `@jax-js/jax 0.1.25, ${how}, one \`jit\` per step, float32`,
    load: async (workload) => {
      await init(device);
      defaultDevice(device);
      return makers[workload.model](workload);
    },
  };
}

const makers = {
  textbook: (workload) => descent(workload, textbook, textbookRate),
  deep: (workload) => moments(workload, deep, deepRate, 0),
  lenet: (workload) => descent(workload, lenet, lenetRate),
  gpt: (workload) => moments(workload, gpt, gptRate, gptDecay),
  product: (workload) => applied(workload, ["A", "B"], (A = none(), B = none()) => np.matmul(A, B)),
  map: (workload) =>
    applied(workload, ["x", "a", "b", "c"], (x = none(), a = none(), b = none(), c = none()) =>
      nn.gelu(x.mul(a).add(b)).add(c),
    ),
  conv: (workload) =>
    applied(workload, ["x", "k"], (x = none(), k = none()) => lax.conv(x, k, [1, 1], "SAME")),
  softmax: (workload) => applied(workload, ["x"], (x = none()) => nn.softmax(x, -1)),
  layerNorm: (workload) => applied(workload, ["x"], (x = none()) => normalized(x)),
  columns: (workload) => applied(workload, ["x"], (x = none()) => np.sum(x, 0)),
  total: (workload) => applied(workload, ["x"], (x = none()) => np.sum(np.square(x))),
  vector: (workload) => applied(workload, ["x", "v"], (x = none(), v = none()) => np.matmul(x, v)),
  hvp: (workload) =>
    derived(workload, ["x", "y", "v"], (t, x = none(), y = none(), v = none()) => {
      const slope = (at: JaxArray): JaxArray => grad(curved)(at, x.ref, y.ref);
      const [value, change] = jvp(slope, [t], [v]);
      for (const array of [value, x, y]) array.dispose();
      return change;
    }),
  hessian: (workload) =>
    derived(workload, ["x", "y"], (t, x = none(), y = none()) => {
      const H = hessian((at: JaxArray) => curved(at, x.ref, y.ref))(t);
      for (const array of [x, y]) array.dispose();
      return H;
    }),
} satisfies Record<Model, (workload: Workload) => Runner | string>;

function normalized(x: JaxArray): JaxArray {
  const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
  return centered.div(np.sqrt(variance.add(1e-5)));
}

function none(): JaxArray {
  throw new RangeError("A weight is missing.");
}

function owner(weights: Tree): At {
  return (name) => (weights[name] ?? none()).ref;
}

function drop(tree: Tree): void {
  for (const array of Object.values(tree)) array.dispose();
}

function fed(workload: Workload, name: string): JaxArray {
  const { data, shape } = feedOf(workload, name);
  return data instanceof Int32Array
    ? np.array(new Int32Array(data), { shape: [...shape], dtype: np.int32 })
    : np.array(new Float32Array(data), { shape: [...shape] });
}

function weightsOf(workload: Workload): Tree {
  return Object.fromEntries(
    Object.entries(workload.weights).map(([name, { shape }]) => [
      name,
      np.array(new Float32Array(initialValue(workload, name)), { shape: [...shape] }),
    ]),
  );
}

function crossEntropy(logits: JaxArray, labels: JaxArray, classes: number): JaxArray {
  const count = labels.shape.reduce((product, extent) => product * extent, 1);
  return np.sum(nn.oneHot(labels, classes).mul(nn.logSoftmax(logits, -1))).mul(-1 / count);
}

function dense(x: JaxArray, at: At, w: string, b: string): JaxArray {
  return np.matmul(x, np.transpose(at(w))).add(at(b));
}

function textbook(weights: Tree, x: JaxArray, y: JaxArray): JaxArray {
  const at = owner(weights);
  const h = nn.relu(np.matmul(x, np.transpose(at("W1"))));
  const loss = crossEntropy(np.matmul(h, np.transpose(at("W2"))), y, 10);
  const penalty = np.sum(np.square(at("W1"))).add(np.sum(np.square(at("W2"))));
  drop(weights);
  return loss.add(penalty.mul(textbookDecay / 2));
}

function deep(weights: Tree, x: JaxArray, y: JaxArray): JaxArray {
  const at = owner(weights);
  const layers = deepSizes.slice(1);
  const o = layers.reduce((node, _, k) => dense(k === 0 ? node : nn.relu(node), at, `W${k}`, `b${k}`), x);
  drop(weights);
  return crossEntropy(o, y, 10);
}

function lenet(weights: Tree, x: JaxArray, y: JaxArray): JaxArray {
  const at = owner(weights);
  const layer = (node: JaxArray, k: number, channels: number, pad: number, extent: number): JaxArray => {
    const padding: [number, number][] = [
      [pad, pad],
      [pad, pad],
    ];
    const z = lax.conv(node, at(`K${k}`), [1, 1], padding).add(at(`k${k}`).reshape([channels, 1, 1]));
    return np.mean(nn.relu(z).reshape([-1, channels, extent, 2, extent, 2]), [3, 5]);
  };
  const second = layer(layer(x, 1, 6, 2, 14), 2, 16, 0, 5).reshape([-1, 400]);
  const h = nn.relu(dense(nn.relu(dense(second, at, "W1", "b1")), at, "W2", "b2"));
  const o = dense(h, at, "W3", "b3");
  drop(weights);
  return crossEntropy(o, y, 10);
}

function gpt(weights: Tree, x: JaxArray, y: JaxArray): JaxArray {
  const { width, heads, context, vocabulary } = gptSizes;
  const [batch = 0] = x.shape;
  const at = owner(weights);
  const norm = (node: JaxArray, name: string): JaxArray => {
    const centered = node.ref.sub(np.mean(node, -1, { keepdims: true }));
    const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
    return centered
      .div(np.sqrt(variance.add(1e-5)))
      .mul(at(`g${name}`))
      .add(at(`b${name}`));
  };
  /** -1e30 for what lies ahead. */
  const hidden = (): JaxArray => np.triu(np.full([context, context], -1e30), 1);
  let stream = np.take(at("token"), x, 0).add(at("position"));
  for (let k = 0; k < layersOf(weights); k++) {
    const joint = dense(norm(stream.ref, `first${k}`), at, `Wqkv${k}`, `bqkv${k}`);
    const [q = none(), keys = none(), v = none()] = np
      .split(joint, 3, -1)
      .map((part) => part.reshape([batch, context, heads, width / heads]).transpose([0, 2, 1, 3]));
    const scores = np.matmul(q, keys.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(width / heads));
    const seen = nn.softmax(scores.add(hidden()), -1);
    const joined = np.matmul(seen, v).transpose([0, 2, 1, 3]).reshape([batch, context, width]);
    stream = stream.add(dense(joined, at, `Wout${k}`, `bout${k}`));
    const inner = nn.gelu(dense(norm(stream.ref, `second${k}`), at, `Wup${k}`, `bup${k}`));
    stream = stream.add(dense(inner, at, `Wdown${k}`, `bdown${k}`));
  }
  const o = np.matmul(norm(stream, "last"), np.transpose(at("head")));
  drop(weights);
  return crossEntropy(o, y, vocabulary);
}

function curved(t: JaxArray, x: JaxArray, y: JaxArray): JaxArray {
  const { d, h, q } = curvatureSizes;
  const W1 = t.ref.slice([0, h * d]).reshape([h, d]);
  const W2 = t.ref.slice([h * d, h * d + q * h]).reshape([q, h]);
  const o = np.matmul(nn.relu(np.matmul(x, np.transpose(W1))), np.transpose(W2));
  return crossEntropy(o, y, q).add(np.sum(np.square(t)).mul(curvatureDecay / 2));
}

/** Gradients of an objective, and as many references to the weights as `uses` beside. */
function differentiated(objective: Objective, weights: Tree, x: JaxArray, y: JaxArray): [JaxArray, Tree] {
  const kept = Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, array.ref]));
  return valueAndGrad(objective)(kept, x, y);
}

function mapped(tree: Tree, change: (array: JaxArray, name: string) => JaxArray): Tree {
  return Object.fromEntries(Object.entries(tree).map(([name, array]) => [name, change(array, name)]));
}

/** A training loop whose `advance` consumes what is kept on the device and gives it back changed. */
function training(workload: Workload, start: Tree[], advance: Advance): Runner {
  let state = start;
  let steps = 0;
  let loss: ArrayLike<number> = [];
  return {
    step: async () => {
      steps += 1;
      const [J, next] = advance(state, fed(workload, "x"), fed(workload, "y"), steps);
      state = next;
      loss = await J.data();
    },
    result: () => loss,
    dispose: () => state.forEach(drop),
  };
}

type Advance = (state: Tree[], x: JaxArray, y: JaxArray, step: number) => [JaxArray, Tree[]];

function descent(workload: Workload, objective: Objective, rate: number): Runner {
  const step = jit((weights: Tree, x: JaxArray, y: JaxArray): [JaxArray, Tree] => {
    const [J, slopes] = differentiated(objective, weights, x, y);
    return [J, mapped(weights, (array, name) => array.sub((slopes[name] ?? none()).mul(rate)))];
  });
  return training(workload, [weightsOf(workload)], ([weights = {}], x, y) => {
    const [J, next] = step(weights, x, y);
    return [J, [next]];
  });
}

/** Adam, with decoupled weight decay. */
function moments(workload: Workload, objective: Objective, rate: number, decay: number): Runner {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const step = jit(
    (
      weights: Tree,
      m: Tree,
      v: Tree,
      x: JaxArray,
      y: JaxArray,
      less: JaxArray,
    ): [JaxArray, Tree, Tree, Tree] => {
      const [J, slopes] = differentiated(objective, weights, x, y);
      const means = mapped(m, (old, name) => old.mul(beta1).add((slopes[name] ?? none()).ref.mul(1 - beta1)));
      const variances = mapped(v, (old, name) =>
        old.mul(beta2).add(np.square(slopes[name] ?? none()).mul(1 - beta2)),
      );
      const next = mapped(weights, (array, name) => {
        const mean = (means[name] ?? none()).ref.div(less.ref.slice(0));
        const scale = np.sqrt((variances[name] ?? none()).ref.div(less.ref.slice(1))).add(epsilon);
        return array.mul(1 - rate * decay).sub(mean.div(scale).mul(rate));
      });
      less.dispose();
      return [J, next, means, variances];
    },
  );
  const weights = weightsOf(workload);
  const zeros = (): Tree => mapped(weights, (array) => np.zeros([...array.shape]));
  return training(workload, [weights, zeros(), zeros()], ([w = {}, m = {}, v = {}], x, y, count) => {
    const less = np.array(new Float32Array([1 - beta1 ** count, 1 - beta2 ** count]));
    const [J, ...next] = step(w, m, v, x, y, less);
    return [J, next];
  });
}

/** A function of weights that stay on the device, as its result does. */
function applied(
  workload: Workload,
  names: readonly string[],
  f: (...arrays: JaxArray[]) => JaxArray,
): Runner {
  const all = weightsOf(workload);
  const run = jit(f);
  let last: JaxArray | undefined;
  return {
    step: async () => {
      last?.dispose();
      last = await blockUntilReady(run(...names.map(owner(all))));
    },
    result: async () => (last === undefined ? [] : await last.ref.data()),
    dispose: () => {
      last?.dispose();
      drop(all);
    },
  };
}

/** Derivatives at the vector of weights, brought back to the host. */
function derived(
  workload: Workload,
  names: readonly string[],
  f: (t: JaxArray, ...feeds: JaxArray[]) => JaxArray,
): Runner {
  const weights = weightsOf(workload);
  const run = jit(f);
  let last: ArrayLike<number> = [];
  return {
    step: async () => {
      last = await run(owner(weights)("t"), ...names.map((name) => fed(workload, name))).data();
    },
    result: () => last,
    dispose: () => drop(weights),
  };
}
