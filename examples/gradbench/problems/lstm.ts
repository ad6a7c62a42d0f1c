// LSTM: minus the mean log-likelihood of a sequence of one-hot characters under a network whose gates are all diagonal,
// and its gradient. Source: ADBench, "LSTM".

import {
  add,
  concat,
  exp,
  graph,
  input,
  log,
  mul,
  type Node,
  neg,
  reshape,
  sigmoid,
  sliceAxis,
  squeeze,
  stack,
  sub,
  sum,
  tanh,
  unstack,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

interface Layer {
  /** Factors and biases of the forget, input, output and change gates. */
  readonly weights: readonly Node[];
  readonly biases: readonly Node[];
}

interface Network {
  readonly layers: readonly Layer[];
  /** Factors of characters, and factors and biases of predictions. */
  readonly extra: readonly [scale: Node, slope: Node, offset: Node];
}

interface State {
  readonly hidden: Node;
  readonly cell: Node;
}

function row(x: Node, index: number): Node {
  return squeeze(sliceAxis(x, 0, index, index + 1), 0);
}

/** The four gates of one row, side by side. */
function gates(x: Node, index: number, width: number): readonly Node[] {
  return unstack(reshape(row(x, index), [4, width]), 0);
}

function networkOf(main: Node, extra: Node): Network {
  const [width = 0] = extra.shape.slice(-1);
  const depth = (main.shape[0] ?? 0) / 2;
  return {
    layers: Array.from({ length: depth }, (_, k) => ({
      weights: gates(main, 2 * k, width),
      biases: gates(main, 2 * k + 1, width),
    })),
    extra: [row(extra, 0), row(extra, 1), row(extra, 2)],
  };
}

/** Every vector of the network in the order of the parameters: differentiated by these, no slice needs an adjoint. */
function vectorsOf({ layers, extra }: Network): readonly Node[] {
  return [...layers.flatMap(({ weights, biases }) => [...weights, ...biases]), ...extra];
}

function step({ weights, biases }: Layer, { hidden, cell }: State, x: Node): State {
  const gate = (k: number, from: Node): Node => {
    const [weight, bias] = [weights[k], biases[k]];
    return weight === undefined || bias === undefined ? from : add(mul(from, weight), bias);
  };
  const kept = mul(cell, sigmoid(gate(0, x)));
  const next = add(kept, mul(sigmoid(gate(1, hidden)), tanh(gate(3, hidden))));
  return { hidden: mul(sigmoid(gate(2, x)), tanh(next)), cell: next };
}

/** Characters whose likelihoods are computed together. */
const block = 256;

/** The log-likelihood of the true characters after these hidden states, each [steps, width]. */
function likelihood(hidden: Node, [, slope, offset]: Network["extra"], truth: Node): Node {
  const predicted = add(mul(hidden, slope), offset);
  const normalizer = log(add(sum(exp(predicted), { axes: 1, keepDims: true }), 2));
  return sum(mul(truth, sub(predicted, normalizer)));
}

function objective({ layers, extra }: Network, initial: Node, sequence: Node): Node {
  const [length = 0, width = 0] = sequence.shape;
  let states = layers.map((_, k): State => ({ hidden: row(initial, 2 * k), cell: row(initial, 2 * k + 1) }));
  const results = unstack(sliceAxis(sequence, 0, 0, -1), 0).map((x) => {
    let signal = mul(x, extra[0]);
    states = layers.map((layer, k) => {
      const state = step(layer, states[k] ?? { hidden: signal, cell: signal }, signal);
      signal = state.hidden;
      return state;
    });
    return signal;
  });
  const truth = sliceAxis(sequence, 0, 1);
  const starts = Array.from({ length: Math.ceil(results.length / block) }, (_, k) => k * block);
  const total = starts
    .map((start) => [results.slice(start, start + block), sliceAxis(truth, 0, start, start + block)] as const)
    .map(([hidden, characters]) => likelihood(stack(hidden), extra, characters))
    .reduce((sum, part) => add(sum, part));
  return mul(neg(total), 1 / ((length - 1) * width));
}

function call(given: Input, name: string, result: (objective: Node, network: Network) => Node): Call {
  const [main, extra] = [given.numbers("main_params"), given.numbers("extra_params")];
  const [state, sequence] = [given.numbers("state"), given.numbers("sequence")];
  return {
    key: `${name} ${[main, extra, state, sequence].map(({ shape }) => shape.join()).join(" ")}`,
    declare: () => {
      const network = networkOf(input("main", main.shape, "float64"), input("extra", extra.shape, "float64"));
      const initial = input("state", state.shape, "float64");
      const total = objective(network, initial, input("sequence", sequence.shape, "float64"));
      return graph({ outputs: { value: result(total, network) } });
    },
    feeds: { main, extra, state, sequence },
    output: value,
  };
}

export const lstm: Problem = {
  objective: (given) => call(given, "objective", (total) => total),
  jacobian: (given) =>
    call(given, "jacobian", (total, network) => concat(gradient(total, vectorsOf(network)), 0)),
};
