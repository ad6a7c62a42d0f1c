// LLSQ: how far a polynomial with coefficients x is from the sign function at n points of [-1, 1],
// ½ Σ (sign(t) − Σ x_j t^j)², and its gradient.

import {
  broadcastTo,
  cumProd,
  expandDims,
  graph,
  input,
  iota,
  matmul,
  mul,
  type Node,
  sign,
  square,
  sub,
  sum,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

function objective(x: Node, count: number): Node {
  const points = sub(mul(2 / (count - 1), iota([count], 0, "float64")), 1);
  const powers = cumProd(broadcastTo(expandDims(points, 1), [count, x.shape[0] ?? 0]), {
    axis: 1,
    exclusive: true,
  });
  return mul(0.5, sum(square(sub(sign(points), matmul(powers, x)))));
}

function call(given: Input, name: string, result: (x: Node, count: number) => Node): Call {
  const [x, count] = [given.numbers("x"), given.number("n")];
  return {
    key: `${name} ${x.shape.join()} ${count}`,
    declare: () => graph({ outputs: { value: result(input("x", x.shape, "float64"), count) } }),
    feeds: { x },
    output: value,
  };
}

export const llsq: Problem = {
  primal: (given) => call(given, "primal", objective),
  gradient: (given) => call(given, "gradient", (x, count) => gradient(objective(x, count), [x])[0]),
};
