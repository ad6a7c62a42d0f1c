/** Cases of recurrent cells and layers, expected neuron by neuron. */

import { gru, gruCell, lstm, lstmCell, rnn, rnnCell } from "@adjoint/core";
import { type Cases, float, type Tensor } from "./case.js";
import { at } from "./expect.js";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** w x + b for one example. */
function product(w: Tensor, x: readonly number[], bias?: Tensor): number[] {
  return Array.from({ length: w.shape[0] ?? 0 }, (_, i) =>
    x.reduce((sum, element, j) => sum + at(w, [i, j]) * element, bias === undefined ? 0 : at(bias, [i])),
  );
}

const rows = (x: Tensor): number[][] =>
  Array.from({ length: x.shape[0] ?? 0 }, (_, i) =>
    x.data.slice(i * (x.shape[1] ?? 0), (i + 1) * (x.shape[1] ?? 0)),
  );

function rnnStep(x: number[], h: number[], w: Tensor, u: Tensor, phi: (x: number) => number): number[] {
  const [a, b] = [product(w, x), product(u, h)];
  return h.map((_, k) => phi((a[k] ?? 0) + (b[k] ?? 0)));
}

function lstmStep(
  x: number[],
  h: number[],
  c: number[],
  w: Tensor,
  u: Tensor,
  bias: Tensor,
): [h: number[], c: number[]] {
  const [a, b] = [product(w, x, bias), product(u, h)];
  const gate = (g: number, k: number): number => (a[g * h.length + k] ?? 0) + (b[g * h.length + k] ?? 0);
  const cell = c.map((old, k) => sigmoid(gate(1, k)) * old + sigmoid(gate(0, k)) * Math.tanh(gate(2, k)));
  return [cell.map((value, k) => sigmoid(gate(3, k)) * Math.tanh(value)), cell];
}

function gruStep(x: number[], h: number[], w: Tensor, u: Tensor, bias: Tensor): number[] {
  const [a, b] = [product(w, x), product(u, h, bias)];
  const from = (list: number[], g: number, k: number): number => list[g * h.length + k] ?? 0;
  return h.map((old, k) => {
    const r = sigmoid(from(a, 0, k) + from(b, 0, k));
    const z = sigmoid(from(a, 1, k) + from(b, 1, k));
    const n = Math.tanh(from(a, 2, k) + r * from(b, 2, k));
    return (1 - z) * n + z * old;
  });
}

export const recurrent = {
  rnnCell: [
    {
      operands: [float([2, 3]), float([2, 2]), float([2, 3]), float([2, 2])],
      build: (x, h, input, hidden) => rnnCell(x, h, { input, hidden }),
      value: (x, h, w, u) => rows(x).flatMap((row, n) => rnnStep(row, rows(h)[n] ?? [], w, u, Math.tanh)),
    },
    {
      title: "relu and biases",
      operands: [float([1, 2]), float([1, 2]), float([2, 2]), float([2, 2]), float([2]), float([2])],
      build: (x, h, input, hidden, inputBias, hiddenBias) =>
        rnnCell(x, h, { input, hidden, inputBias, hiddenBias }, "relu"),
      value: (x, h, w, u, b, d) => {
        const [left, right] = [product(w, [...x.data], b), product(u, [...h.data], d)];
        return left.map((sum, k) => Math.max(0, sum + (right[k] ?? 0)));
      },
    },
  ],
  lstmCell: [
    {
      operands: [
        float([2, 3]),
        float([2, 2]),
        float([2, 2]),
        float([8, 3], -1, 1),
        float([8, 2], -1, 1),
        float([8]),
      ],
      build: (x, hidden, cell, input, recurrent, inputBias) =>
        Object.values(lstmCell(x, { hidden, cell }, { input, hidden: recurrent, inputBias })),
      value: (x, h, c, w, u, bias) => {
        const steps = rows(x).map((row, n) => lstmStep(row, rows(h)[n] ?? [], rows(c)[n] ?? [], w, u, bias));
        return [steps.flatMap(([hidden]) => hidden), steps.flatMap(([, cell]) => cell)];
      },
    },
  ],
  gruCell: [
    {
      operands: [float([2, 3]), float([2, 2]), float([6, 3], -1, 1), float([6, 2], -1, 1), float([6])],
      build: (x, h, input, hidden, hiddenBias) => gruCell(x, h, { input, hidden, hiddenBias }),
      value: (x, h, w, u, bias) => rows(x).flatMap((row, n) => gruStep(row, rows(h)[n] ?? [], w, u, bias)),
    },
  ],
  rnn: [
    {
      operands: [float([3, 1, 2]), float([1, 2]), float([2, 2]), float([2, 2])],
      build: (xs, h, input, hidden) => {
        const { outputs, state } = rnn(xs, h, { input, hidden }, { reverse: true });
        return [outputs, state];
      },
      value: (xs, h, w, u) => {
        const steps = rows({ shape: [3, 2], data: xs.data });
        const last = rnnStep(steps[2] ?? [], [...h.data], w, u, Math.tanh);
        const middle = rnnStep(steps[1] ?? [], last, w, u, Math.tanh);
        const first = rnnStep(steps[0] ?? [], middle, w, u, Math.tanh);
        return [[...first, ...middle, ...last], first];
      },
    },
  ],
  lstm: [
    {
      operands: [float([2, 1, 2]), float([1, 1]), float([1, 1]), float([4, 2]), float([4, 1]), float([4])],
      build: (xs, hidden, cell, input, recurrent, inputBias) => {
        const { outputs, state } = lstm(xs, { hidden, cell }, { input, hidden: recurrent, inputBias });
        return [outputs, state.hidden, state.cell];
      },
      value: (xs, h, c, w, u, bias) => {
        const steps = rows({ shape: [2, 2], data: xs.data });
        const [h1, c1] = lstmStep(steps[0] ?? [], [...h.data], [...c.data], w, u, bias);
        const [h2, c2] = lstmStep(steps[1] ?? [], h1, c1, w, u, bias);
        return [[...h1, ...h2], h2, c2];
      },
    },
  ],
  gru: [
    {
      operands: [float([2, 1, 2]), float([1, 2]), float([6, 2]), float([6, 2]), float([6])],
      build: (xs, h, input, hidden, hiddenBias) => gru(xs, h, { input, hidden, hiddenBias }).outputs,
      value: (xs, h, w, u, bias) => {
        const steps = rows({ shape: [2, 2], data: xs.data });
        const first = gruStep(steps[0] ?? [], [...h.data], w, u, bias);
        return [...first, ...gruStep(steps[1] ?? [], first, w, u, bias)];
      },
    },
  ],
} satisfies Cases;
