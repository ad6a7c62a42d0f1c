/** Recurrent cells and unrolled layers in PyTorch's gate order. Unrolled means one copy of the cell per step: lengths are static. */

import { ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { stack } from "../ops/concat.js";
import { relu, sigmoid, tanh } from "../ops/index.js";
import { squeeze } from "../ops/movement.js";
import { sliceAxis } from "../ops/slice.js";
import { extentOf, formatShape } from "../shape.js";
import { linear } from "./linear.js";

/** Weights of a cell with G gates stacked along the first axis: G = 1 (RNN), 4 (LSTM: i, f, g, o), 3 (GRU: r, z, n). */
export interface CellWeights<Feeds extends string = string> {
  /** [G · hidden, inputs], PyTorch's weight_ih. */
  readonly input: Node<Feeds>;
  /** [G · hidden, hidden], PyTorch's weight_hh. */
  readonly hidden: Node<Feeds>;
  /** [G · hidden], PyTorch's bias_ih. */
  readonly inputBias?: Node<Feeds>;
  /** [G · hidden], PyTorch's bias_hh. */
  readonly hiddenBias?: Node<Feeds>;
}

export interface LstmState<Feeds extends string = string> {
  readonly hidden: Node<Feeds>;
  readonly cell: Node<Feeds>;
}

/** Part `index` of `count` equal parts of the last axis. */
function gate<Feeds extends string>(stacked: Node<Feeds>, index: number, count: number): Node<Feeds> {
  const width = extentOf(stacked.shape, stacked.shape.length - 1) / count;
  return sliceAxis(stacked, -1, index * width, (index + 1) * width);
}

function checkWeights(weights: CellWeights, hidden: Node, gates: number, what: string): void {
  const width = extentOf(hidden.shape, hidden.shape.length - 1);
  if (weights.input.shape[0] !== gates * width || weights.hidden.shape[0] !== gates * width) {
    throw new ShapeError(
      `${what}: weights ${formatShape(weights.input.shape)} and ${formatShape(weights.hidden.shape)} must have ${gates} · ` +
        `${width} rows for a hidden state ${formatShape(hidden.shape)}.`,
      String(weights.input),
    );
  }
}

/** φ(x Wᵢᵀ + bᵢ + h Wₕᵀ + bₕ): x [N, inputs], h [N, hidden] → [N, hidden]. */
export function rnnCell<Feeds extends string>(
  x: Node<Feeds>,
  hidden: Node<Feeds>,
  weights: CellWeights<Feeds>,
  activation: "tanh" | "relu" = "tanh",
): Node<Feeds> {
  checkWeights(weights, hidden, 1, "rnnCell");
  const total = add(
    linear(x, weights.input, weights.inputBias),
    linear(hidden, weights.hidden, weights.hiddenBias),
  );
  return activation === "tanh" ? tanh(total) : relu(total);
}

/** c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′), with gates stacked in the order i, f, g, o: x [N, inputs], states [N, hidden]. */
export function lstmCell<Feeds extends string>(
  x: Node<Feeds>,
  state: LstmState<Feeds>,
  weights: CellWeights<Feeds>,
): LstmState<Feeds> {
  checkWeights(weights, state.hidden, 4, "lstmCell");
  const gates = add(
    linear(x, weights.input, weights.inputBias),
    linear(state.hidden, weights.hidden, weights.hiddenBias),
  );
  const kept = mul(sigmoid(gate(gates, 1, 4)), state.cell);
  const cell = add(kept, mul(sigmoid(gate(gates, 0, 4)), tanh(gate(gates, 2, 4))));
  return { hidden: mul(sigmoid(gate(gates, 3, 4)), tanh(cell)), cell };
}

/** n = tanh(iₙ + σ(r) hₙ), h′ = n + σ(z) (h - n), with gates stacked in the order r, z, n: x [N, inputs], h [N, hidden]. */
export function gruCell<Feeds extends string>(
  x: Node<Feeds>,
  hidden: Node<Feeds>,
  weights: CellWeights<Feeds>,
): Node<Feeds> {
  checkWeights(weights, hidden, 3, "gruCell");
  const fromInput = linear(x, weights.input, weights.inputBias);
  const fromHidden = linear(hidden, weights.hidden, weights.hiddenBias);
  const reset = sigmoid(add(gate(fromInput, 0, 3), gate(fromHidden, 0, 3)));
  const update = sigmoid(add(gate(fromInput, 1, 3), gate(fromHidden, 1, 3)));
  const candidate = tanh(add(gate(fromInput, 2, 3), mul(reset, gate(fromHidden, 2, 3))));
  return add(candidate, mul(update, sub(hidden, candidate)));
}

export interface LayerOptions {
  /** Run from the last step to the first; outputs stay in the order of the steps. */
  readonly reverse?: boolean;
}

/** Runs a cell over the first axis of xs and stacks what it puts out. */
function unroll<Feeds extends string, State>(
  xs: Node<Feeds>,
  initial: State,
  { reverse = false }: LayerOptions,
  step: (x: Node<Feeds>, state: State) => State,
  outputOf: (state: State) => Node<Feeds>,
): { readonly outputs: Node<Feeds>; readonly state: State } {
  const length = xs.shape[0] ?? 0;
  if (length === 0)
    throw new ShapeError(
      `A recurrent layer takes at least one step [T, N, inputs], not ${String(xs)}.`,
      String(xs),
    );
  const outputs: Node<Feeds>[] = [];
  let state = initial;
  for (let t = 0; t < length; t++) {
    const at = reverse ? length - 1 - t : t;
    state = step(squeeze(sliceAxis(xs, 0, at, at + 1), 0), state);
    outputs.push(outputOf(state));
  }
  return { outputs: stack(reverse ? outputs.reverse() : outputs), state };
}

export interface LayerResult<Feeds extends string, State> {
  /** Hidden states of all steps, [T, N, hidden]. */
  readonly outputs: Node<Feeds>;
  /** After the last step. */
  readonly state: State;
}

/** An RNN layer over xs [T, N, inputs] from the hidden state [N, hidden]; see `rnnCell`. */
export function rnn<Feeds extends string>(
  xs: Node<Feeds>,
  hidden: Node<Feeds>,
  weights: CellWeights<Feeds>,
  options: LayerOptions & { readonly activation?: "tanh" | "relu" } = {},
): LayerResult<Feeds, Node<Feeds>> {
  return unroll(
    xs,
    hidden,
    options,
    (x, state) => rnnCell(x, state, weights, options.activation),
    (state) => state,
  );
}

/** An LSTM layer over xs [T, N, inputs] from states [N, hidden]; see `lstmCell`. */
export function lstm<Feeds extends string>(
  xs: Node<Feeds>,
  state: LstmState<Feeds>,
  weights: CellWeights<Feeds>,
  options: LayerOptions = {},
): LayerResult<Feeds, LstmState<Feeds>> {
  return unroll(
    xs,
    state,
    options,
    (x, before) => lstmCell(x, before, weights),
    ({ hidden }) => hidden,
  );
}

/** A GRU layer over xs [T, N, inputs] from the hidden state [N, hidden]; see `gruCell`. */
export function gru<Feeds extends string>(
  xs: Node<Feeds>,
  hidden: Node<Feeds>,
  weights: CellWeights<Feeds>,
  options: LayerOptions = {},
): LayerResult<Feeds, Node<Feeds>> {
  return unroll(
    xs,
    hidden,
    options,
    (x, state) => gruCell(x, state, weights),
    (state) => state,
  );
}
