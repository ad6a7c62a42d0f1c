/** Random composite graphs: third derivatives agree with finite differences of second ones, in the float64 interpreter. */

import {
  add,
  atan,
  concat,
  cos,
  cumProd,
  cumSum,
  div,
  erf,
  exp,
  gelu,
  graph,
  hypot,
  input,
  interpret,
  linearScan,
  logSumExp,
  matmul,
  mean,
  mul,
  type Node,
  norm,
  pow,
  prod,
  reverse,
  roll,
  sigmoid,
  silu,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transpose,
  variance,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { array, assert, constantFrom, nat, property, tuple } from "fast-check";
import { test } from "vitest";
import { expectClose } from "./compare.js";
import { direction, stream } from "./draw.js";

const shape = [2, 3];
const columns = { axes: -1, keepDims: true } as const;

/** Smooth functions of two matrices of one shape that stay of moderate size. */
const steps: Readonly<Record<string, (a: Node, b: Node) => Node>> = {
  sum: (a, b) => add(a, b),
  product: (a, b) => mul(a, b),
  quotient: (a, b) => div(a, add(square(b), 1)),
  difference: (a, b) => sub(tanh(a), b),
  power: (a, b) => pow(add(sigmoid(a), 0.5), tanh(b)),
  root: (a, b) => sqrt(add(softplus(a), square(b))),
  hypotenuse: (a, b) => hypot(add(square(a), 0.5), b),
  trigonometric: (a, b) => mul(cos(a), atan(b)),
  exponential: (a, b) => exp(tanh(sub(a, b))),
  activations: (a, b) => add(gelu(a), silu(b)),
  errorFunction: (a, b) => mul(erf(a), b),
  attention: (a, b) => matmul(softmax(matmul(a, transpose(b))), b),
  normalized: (a, b) => div(sub(a, mean(a, columns)), sqrt(add(variance(b, columns), 0.1))),
  entropy: (a, b) => sub(a, logSumExp(b, columns)),
  products: (a, b) => mul(prod(a, columns), b),
  running: (a, b) => add(cumProd(a), cumSum(b, { axis: 0, reverse: true })),
  recurrence: (a, b) => linearScan(sigmoid(a), b),
  moved: (a, b) => add(reverse(a, 0), roll(b, 1, 1)),
  joined: (a, b) => concat([slice(a, [[], [1, 3]]), slice(b, [[], [0, 1]])], 1),
  length: (a, b) => div(a, add(norm(b, 2, columns), 1)),
};

type Feeds = Readonly<Record<string, readonly number[]>>;

/** d/dt of an output while x moves along w, by the fourth-order central stencil. */
function difference(second: Node, feeds: Feeds, step: number): number[] {
  const computed = graph({ outputs: { second } });
  const at = (t: number): ArrayLike<number> => {
    const x = (feeds.x ?? []).map((element, i) => element + t * (feeds.w?.[i] ?? 0));
    return interpret(computed, { ...feeds, x }).outputs.second;
  };
  const [a, b, c, d] = [at(-2 * step), at(-step), at(step), at(2 * step)];
  return Array.from(
    b,
    (_, i) => ((a[i] ?? 0) - 8 * (b[i] ?? 0) + 8 * (c[i] ?? 0) - (d[i] ?? 0)) / (12 * step),
  );
}

test("third derivatives of random composite graphs", () => {
  const instruction = tuple(constantFrom(...Object.keys(steps)), nat(9), nat(9));
  assert(
    property(array(instruction, { minLength: 2, maxLength: 6 }), nat(), (instructions, seed) => {
      const [x, v, w] = ["x", "v", "w"].map((name): Node => input(name, shape, "float64"));
      if (x === undefined || v === undefined || w === undefined) return;
      const nodes: Node[] = [x];
      for (const [name, i, j] of instructions) {
        const [a = x, b = x] = [nodes[nodes.length - 1 - (i % nodes.length)], nodes[j % nodes.length]];
        nodes.push(steps[name]?.(a, b) ?? a);
      }
      const [first] = gradient(sum(square(tanh(nodes.at(-1) ?? x))), [x]);
      const [second] = gradient(sum(mul(first, v)), [x]);
      const [third] = gradient(sum(mul(second, w)), [x]);
      const next = stream(`composite ${seed}`);
      const feeds = { x: direction(6, next), v: direction(6, next), w: direction(6, next) };
      const found = interpret(graph({ outputs: { third } }), feeds).outputs.third;
      const expected = difference(second, feeds, 1e-4);
      const scale = Math.max(1, ...expected.map(Math.abs));
      expectClose(
        Array.from(found, (element) => element / scale),
        expected.map((element) => element / scale),
        1e-6,
        instructions.map(([name]) => name).join(", "),
      );
    }),
    { numRuns: 60, seed: 20240917 },
  );
});
