// LSE: log Σ exp(x) and its gradient.

import { graph, input, logSumExp, type Node } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

function call(given: Input, name: string, result: (x: Node) => Node): Call {
  const x = given.numbers("x");
  return {
    key: `${name} ${x.shape.join()}`,
    declare: () => graph({ outputs: { value: result(input("x", x.shape, "float64")) } }),
    feeds: { x },
    output: value,
  };
}

export const lse: Problem = {
  primal: (given) => call(given, "primal", (x) => logSumExp(x)),
  gradient: (given) => call(given, "gradient", (x) => gradient(logSumExp(x), [x])[0]),
};
