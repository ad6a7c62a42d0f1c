// K-MEANS: the sum of squared distances from points to their nearest centroid, and Newton's direction: the gradient
// divided by the diagonal of the Hessian, which has nothing beside it.

import { constant, div, expandDims, graph, input, min, type Node, square, sub, sum } from "@adjoint/core";
import { gradient, hvp } from "@adjoint/scheduler";
import { type Call, type Input, type Problem, value } from "../problem.js";

function cost(points: Node, centroids: Node): Node {
  const distances = sum(square(sub(expandDims(points, 1), centroids)), { axes: -1 });
  return sum(min(distances, { axes: 1 }));
}

function direction(points: Node, centroids: Node): Node {
  const total = cost(points, centroids);
  const ones = constant(1, { dtype: "float64", shape: centroids.shape });
  const [slope] = gradient(total, [centroids]);
  const [curvature] = hvp(total, [centroids], [ones]);
  return div(slope, curvature);
}

function call(given: Input, name: string, result: (points: Node, centroids: Node) => Node): Call {
  const [points, centroids] = [given.numbers("points"), given.numbers("centroids")];
  return {
    key: `${name} ${points.shape.join()} ${centroids.shape.join()}`,
    declare: () =>
      graph({
        outputs: {
          value: result(
            input("points", points.shape, "float64"),
            input("centroids", centroids.shape, "float64"),
          ),
        },
      }),
    feeds: { points, centroids },
    output: value,
  };
}

export const kmeans: Problem = {
  cost: (given) => call(given, "cost", cost),
  dir: (given) => call(given, "dir", direction),
};
