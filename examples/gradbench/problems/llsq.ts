// LLSQ: how far a polynomial with coefficients x is from the sign function at n points t of [-1, 1],
// ½ Σ (sign(t) − Σ x_j t^j)², and its gradient.

import { constant, cumProd, graph, input, matmul, mul, type Node, sub, sum } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

/** Powers of every point, made in the graph: 1, t, t², … */
function powers(points: readonly number[], count: number): Node<never> {
  const first = constant(points, { dtype: "float64" });
  return cumProd(repeated(first, count), { axis: 1, exclusive: true });
}
