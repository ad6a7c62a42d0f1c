// What a workload is: the same numbers for everyone who takes part, and its Adjoint program. It refuses to measure.

import { type Graph, type Initializer, initialize, input, type Node, normal, parameter } from "@adjoint/core";

/** What has to be written down once per taker-part; several workloads may be one model at several sizes. */
export const models = [
  "textbook",
  "deep",
  "lenet",
  "gpt",
  "product",
  "conv",
  "softmax",
  "layerNorm",
  "columns",
  "total",
  "vector",
  "map",
  "hvp",
  "hessian",
] as const;
export type Model = (typeof models)[number];

export type Float = "float32" | "float64";

export interface Weight {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** The scalar operations (GFLOP/s) or bytes (GB/s) of a step, for a rate beside the time. */
export interface Rate {
  readonly unit: "GFLOP/s" | "GB/s";
  readonly amount: number;
}

export interface Workload {
  /** "W1 b32". */
  readonly name: string;
  /** "W1": what `--only` chooses by. */
  readonly family: string;
  readonly title: string;
  readonly model: Model;
  /** Live on the device from step to step. */
  readonly weights: Readonly<Record<string, Weight>>;
  /** Brought from the host at every step, by everyone. */
  readonly feeds: Readonly<Record<string, Feed>>;
  /** What a step leaves: an output that comes back to the host at every step, or a weight that stays on the device. */
  readonly result: { readonly output: string } | { readonly weight: string };
  /** How far a result may be from its float64 value, relative to the largest. */
  readonly tolerance: number;
  readonly rate?: Rate;
  readonly declare: (dtype: Float) => Graph;
}

/** The initial elements of a weight, the same for everyone. */
export function initialValue({ weights }: Workload, name: string): Float32Array {
  const weight = weights[name];
  if (weight === undefined) throw new RangeError(`The workload has no weight ${name}.`);
  return Float32Array.from(initialize(weight.initializer, weight.shape));
}

export function feedOf({ feeds }: Pick<Workload, "feeds">, name: string): Feed {
  const feed = feeds[name];
  if (feed === undefined) throw new RangeError(`The workload has no feed ${name}.`);
  return feed;
}

/** The weights of a workload as parameters of a program. */
export function parametersOf(
  weights: Readonly<Record<string, Weight>>,
  dtype: Float,
): (name: string) => Node<never> {
  const nodes = new Map(
    Object.entries(weights).map(([name, { shape, initializer }]) => [
      name,
      parameter(name, shape, initializer, { dtype }),
    ]),
  );
  return (name) => {
    const node = nodes.get(name);
    if (node === undefined) throw new RangeError(`The workload has no weight ${name}.`);
    return node;
  };
}

/** A feed of floats as an input of a program. */
export function inputOf(name: string, { shape, data }: Feed, dtype: Float): Node<string> {
  return input(name, shape, data instanceof Int32Array ? "int32" : dtype);
}

/** Independent normal elements; each weight takes its own seed. */
export function weight(shape: readonly number[], std: number, seed: number): Weight {
  return { shape, initializer: normal({ std, seed }) };
}

export function filledWeight(shape: readonly number[], value = 0): Weight {
  return { shape, initializer: { kind: "constant", value } };
}

export function floats(shape: readonly number[], seed: number, scale = 1): Feed {
  return { shape, data: Float32Array.from(initialize(normal({ std: scale, seed }), shape)) };
}

/** Integers from 0 to below `limit`. */
export function integers(shape: readonly number[], limit: number, seed: number): Feed {
  const drawn = initialize({ kind: "uniform", low: 0, high: limit, seed }, shape);
  return { shape, data: Int32Array.from(drawn, (value) => Math.min(limit - 1, Math.floor(value))) };
}
