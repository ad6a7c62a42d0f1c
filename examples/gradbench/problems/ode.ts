// ODE: y_0′ = x_0, y_i′ = x_i y_(i−1) from y = 0 at time 0 to time 2, by s steps of the classical Runge–Kutta method,
// and the gradient of the last component at the end.

import { add, constant, graph, input, mul, type Node, pad, sliceAxis, sum } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

const end = 2;

function solution(x: Node, steps: number): Node {
  const h = end / steps;
  const slope = (y: Node): Node => mul(x, pad(sliceAxis(y, 0, 0, -1), [1, 0], { value: 1 }));
  const ahead = (y: Node, k: Node, step: number): Node => add(y, mul(step, k));
  let y: Node = constant(0, { dtype: "float64", shape: x.shape });
  for (let step = 0; step < steps; step++) {
    const first = slope(y);
    const second = slope(ahead(y, first, h / 2));
    const third = slope(ahead(y, second, h / 2));
    const fourth = slope(ahead(y, third, h));
    const middle = mul(2, add(second, third));
    y = ahead(y, add(add(first, middle), fourth), h / 6);
  }
  return y;
}

function call(given: Input, name: string, result: (x: Node, steps: number) => Node): Call {
  const [x, steps] = [given.numbers("x"), given.number("s")];
  return {
    key: `${name} ${x.shape.join()} ${steps}`,
    declare: () => graph({ outputs: { value: result(input("x", x.shape, "float64"), steps) } }),
    feeds: { x },
    output: value,
  };
}

export const ode: Problem = {
  primal: (given) => call(given, "primal", solution),
  gradient: (given) =>
    call(given, "gradient", (x, steps) => gradient(sum(sliceAxis(solution(x, steps), 0, -1)), [x])[0]),
};
