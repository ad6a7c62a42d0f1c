// Norms and distances of PyTorch. Those made of singular values are refused.

import {
  abs,
  add,
  broadcastShapes,
  broadcastTo,
  constant,
  cosineSimilarity,
  div,
  expandDims,
  gather,
  greater,
  max,
  min,
  mul,
  type Node,
  norm,
  normalize,
  sub,
  sum,
  where,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mappings, op, ranked, vector } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";
import { reduceOver } from "./reduction.js";

/** A number, or the name of a matrix norm. */
function orderOf(a: Arguments, name: string): number | string | undefined {
  const raw = a.raw(name);
  if (raw === undefined) return undefined;
  const named = "value" in raw && typeof raw.value === "string" && !raw.value.endsWith("inf");
  return named ? a.text(name) : a.number(name);
}

function vectorNorm(a: Arguments, order: number): Node {
  return reduceOver(a, a.tensor("input"), (x, options) => norm(x, order, options));
}

/** The norms of matrices on two axes: Frobenius, and sums of rows or columns; those of singular values are refused. */
function matrixNorm(
  x: Node,
  order: number | string,
  [rows, columns]: readonly [number, number],
  keepDims: boolean,
): Node {
  if (order === "fro") return norm(x, 2, { axes: [rows, columns], keepDims });
  const magnitude = typeof order === "number" ? Math.abs(order) : 0;
  if (magnitude !== 1 && magnitude !== Number.POSITIVE_INFINITY) {
    throw new UnsupportedError(
      `the matrix norm ${order} is made of singular values, for which there is no decomposition`,
    );
  }
  const [summed, compared] = magnitude === 1 ? [rows, columns] : [columns, rows];
  const sums = sum(abs(x), { axes: summed, keepDims: true });
  const whole = (Number(order) > 0 ? max : min)(sums, { axes: compared, keepDims: true });
  return sum(whole, { axes: [rows, columns], keepDims });
}

function isPair(axes: readonly number[]): axes is readonly [number, number] {
  return axes.length === 2;
}

const linalgNorm = op("input ord dim keepdim dtype", (a) => {
  const x = a.tensor("input");
  const order = orderOf(a, "ord");
  if (order === undefined) return vectorNorm(a, 2);
  const axes = a.numbers("dim") ?? x.shape.map((_, axis) => axis);
  if (isPair(axes)) return matrixNorm(x, order, axes, a.flag("keepdim", false));
  return vectorNorm(a, order === "fro" ? 2 : Number(order));
});

const distance = (a: Node, b: Node, p: number, epsilon: number, keepDims: boolean): Node =>
  norm(add(sub(a, b), epsilon), p, { axes: -1, keepDims });

export const norms: Mappings = {
  cdist: op("x1 x2 p compute_mode", (a) => {
    a.ignore("compute_mode");
    return norm(sub(expandDims(a.tensor("x1"), -2), expandDims(a.tensor("x2"), -3)), a.number("p", 2), {
      axes: -1,
    });
  }),
  dist: op("input other p", (a) => norm(sub(a.tensor("input"), a.tensor("other")), a.number("p", 2))),
  "linalg.matrix_norm": op("input ord dim keepdim dtype", (a) => {
    const axes = a.numbers("dim") ?? [-2, -1];
    if (!isPair(axes)) throw new UnsupportedError(`${axes.length} axes of matrices`);
    return matrixNorm(a.tensor("input"), orderOf(a, "ord") ?? "fro", axes, a.flag("keepdim", false));
  }),
  "linalg.norm": linalgNorm,
  "linalg.vector_norm": op("input ord dim keepdim dtype", (a) => vectorNorm(a, a.number("ord", 2))),
  norm: op("input p dim keepdim dtype", (a) => {
    const order = orderOf(a, "p") ?? 2;
    if (order === "nuc")
      throw new UnsupportedError(
        "the nuclear norm is made of singular values, for which there is no decomposition",
      );
    return vectorNorm(a, order === "fro" ? 2 : Number(order));
  }),
  "nn.functional.cosine_similarity": op("x1 x2 dim eps", (a) => {
    const [x, y] = [vector(a.tensor("x1")), vector(a.tensor("x2"))];
    const shape = broadcastShapes([x.shape, y.shape]);
    if (shape === undefined) throw new UnsupportedError("vectors that do not broadcast");
    const options = { axis: a.number("dim", 1), epsilon: a.number("eps", 1e-8) };
    return cosineSimilarity(broadcastTo(x, shape), broadcastTo(y, shape), options);
  }),
  "nn.functional.normalize": op("input p dim eps", (a) => {
    const options = { axes: a.number("dim", 1), epsilon: a.number("eps", 1e-12) };
    return ranked(a.tensor("input"), (x) => normalize(x, a.number("p", 2), options));
  }),
  "nn.functional.pdist": op("input p", (a) => {
    const x = a.tensor("input");
    const pairs = Array.from({ length: x.shape[0] ?? 0 }, (_, i) => i).flatMap((i, _, all) =>
      all.slice(i + 1).map((j) => [i, j]),
    );
    const rows = (side: 0 | 1): Node => {
      const positions = pairs.map((pair) => pair[side] ?? 0);
      return gather(x, constant(positions, { dtype: "int32", shape: [pairs.length] }), 0);
    };
    return norm(sub(rows(0), rows(1)), a.number("p", 2), { axes: -1 });
  }),
  "nn.functional.pairwise_distance": op("x1 x2 p eps keepdim", (a) =>
    distance(
      a.tensor("x1"),
      a.tensor("x2"),
      a.number("p", 2),
      a.number("eps", 1e-6),
      a.flag("keepdim", false),
    ),
  ),
  renorm: op("input p dim maxnorm", (a) => {
    const [x, axis, limit] = [a.tensor("input"), a.number("dim"), a.number("maxnorm")];
    const at = axis < 0 ? axis + x.shape.length : axis;
    const axes = x.shape.flatMap((_, other) => (other === at ? [] : [other]));
    const length = norm(x, a.number("p"), { axes, keepDims: true });
    return mul(x, where(greater(length, limit), div(limit, add(length, 1e-7)), 1));
  }),
};
