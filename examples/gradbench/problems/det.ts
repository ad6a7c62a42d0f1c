// DET: the determinant of an ell × ell matrix and its gradient.

import { det as determinant, graph, input, type Node } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, toJson, value } from "../problem.js";

function call(given: Input, name: string, result: (a: Node) => Node): Call {
  const [{ data }, order] = [given.numbers("A"), given.number("ell")];
  return {
    key: `${name} ${order}`,
    declare: () => graph({ outputs: { value: result(input("a", [order, order], "float64")) } }),
    feeds: { a: data },
    output: value,
  };
}

export const det: Problem = {
  primal: (given) => call(given, "primal", determinant),
  gradient: (given) => ({
    ...call(given, "gradient", (a) => gradient(determinant(a), [a])[0]),
    output: ({ value: slope }) =>
      slope === undefined ? [] : toJson({ shape: [slope.data.length], data: slope.data }),
  }),
};
