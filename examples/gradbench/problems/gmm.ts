// GMM: the log-posterior of a mixture of normal distributions with a Wishart prior, and its gradient. Every inverse
// covariance is QᵀQ, where Q is lower triangular with e^q on the diagonal and l below it, column by column.
// Source: ADBench, "GMM" (Srajer, Kukelova, Fitzgibbon, "A benchmark of selected algorithmic differentiation tools", 2018).

import {
  add,
  constant,
  exp,
  expandDims,
  graph,
  input,
  logSumExp,
  matmul,
  mul,
  type Node,
  pad,
  reshape,
  square,
  sub,
  sum,
  take,
  transpose,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, toJson, value } from "../problem.js";

interface Parameters {
  readonly alpha: Node;
  readonly mu: Node;
  readonly q: Node;
  readonly l: Node;
}

interface Prior {
  readonly gamma: number;
  readonly m: number;
}

/** Which entry of l, with a 0 behind its last, stands at each place of a d × d matrix. */
function places(d: number): number[] {
  const count = (d * (d - 1)) / 2;
  return Array.from({ length: d * d }, (_, position) => {
    const [row, column] = [Math.floor(position / d), position % d];
    return row > column ? column * d - (column * (column + 1)) / 2 + row - column - 1 : count;
  });
}

/** log Γ_d(a), the multivariate gamma function, for a multiple of ½. */
function logGamma(a: number, d: number): number {
  let total = (d * (d - 1) * Math.log(Math.PI)) / 4;
  for (let j = 1; j <= d; j++) total += logGammaOf(a + (1 - j) / 2);
  return total;
}

/** log Γ of a positive multiple of ½, by its recurrence. */
function logGammaOf(a: number): number {
  let total = a % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let z = a % 1 === 0 ? 1 : 0.5; z < a; z++) total += Math.log(z);
  return total;
}

function objective(x: Node, { alpha, mu, q, l }: Parameters, { gamma, m }: Prior): Node {
  const [n = 0, d = 0] = x.shape;
  const [k = 0] = alpha.shape;
  const indices = constant(places(d), { dtype: "int32", shape: [d * d] });
  const below = reshape(
    take(
      pad(l, [
        [0, 0],
        [0, 1],
      ]),
      indices,
      1,
    ),
    [k, d, d],
  );
  const scales = exp(q);
  const centered = sub(x, expandDims(mu, 1));
  const turned = add(mul(expandDims(scales, 1), centered), matmul(centered, transpose(below)));
  const weights = add(alpha, sum(q, { axes: 1 }));
  const terms = sub(expandDims(weights, 1), mul(0.5, sum(square(turned), { axes: 2 })));
  const likelihood = sub(sum(logSumExp(terms, { axes: 0 })), mul(n, logSumExp(alpha)));
  const freedom = d + m + 1;
  const normalizer = freedom * d * (Math.log(gamma) - 0.5 * Math.LN2) - logGamma(0.5 * freedom, d);
  const penalty = mul((gamma * gamma) / 2, add(sum(square(scales)), sum(square(l))));
  const prior = sub(mul(m, sum(q)), penalty);
  return add(add(likelihood, prior), k * normalizer - 0.5 * n * d * Math.log(2 * Math.PI));
}

const names = ["alpha", "mu", "q", "l"] as const;

function call(
  given: Input,
  name: string,
  outputs: (value: Node, parameters: Parameters) => Readonly<Record<string, Node>>,
): Call {
  const x = given.numbers("x");
  const [alpha, mu, q, l] = [
    given.numbers("alpha"),
    given.numbers("mu"),
    given.numbers("q"),
    given.numbers("l"),
  ];
  const prior = { gamma: given.number("gamma"), m: given.number("m") };
  return {
    key: `${name} ${[x, alpha, l].map(({ shape }) => shape.join()).join(" ")} ${prior.gamma} ${prior.m}`,
    declare: () => {
      const parameters = {
        alpha: input("alpha", alpha.shape, "float64"),
        mu: input("mu", mu.shape, "float64"),
        q: input("q", q.shape, "float64"),
        l: input("l", l.shape, "float64"),
      };
      return graph({
        outputs: outputs(objective(input("x", x.shape, "float64"), parameters, prior), parameters),
      });
    },
    feeds: { x, alpha, mu, q, l },
    output: value,
  };
}

export const gmm: Problem = {
  objective: (given) => call(given, "objective", (result) => ({ value: result })),
  jacobian: (given) => ({
    ...call(given, "jacobian", (result, { alpha, mu, q, l }) => {
      const [dalpha, dmu, dq, dl] = gradient(result, [alpha, mu, q, l]);
      return { alpha: dalpha, mu: dmu, q: dq, l: dl };
    }),
    output: (results) =>
      Object.fromEntries(
        names.flatMap((name) => (results[name] === undefined ? [] : [[name, toJson(results[name])]])),
      ),
  }),
};
