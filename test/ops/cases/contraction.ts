/** Cases of products summed over shared axes. */

import { bilinear, dot, einsum, linear, matmul, outer } from "@adjoint/core";
import { type Cases, float, integers, type Tensor } from "./case.js";
import { at, indices } from "./expect.js";

/** Einstein summation point by point: a string of labels per operand and for the result. */
function summation(terms: readonly string[], result: string): (...operands: Tensor[]) => number[] {
  return (...operands) => {
    const extents = new Map<string, number>();
    for (const [position, term] of terms.entries()) {
      for (const [axis, label] of [...term].entries()) {
        extents.set(label, Math.max(extents.get(label) ?? 1, operands[position]?.shape[axis] ?? 1));
        if (operands[position]?.shape[axis] === 0) extents.set(label, 0);
      }
    }
    const inner = [...extents.keys()].filter((label) => !result.includes(label));
    const shapeOf = (labels: readonly string[]) => labels.map((label) => extents.get(label) ?? 1);
    return indices(shapeOf([...result])).map((outerPoint) =>
      indices(shapeOf(inner)).reduce((total, innerPoint) => {
        const position = (label: string) =>
          outerPoint[[...result].indexOf(label)] ?? innerPoint[inner.indexOf(label)] ?? 0;
        const factors = operands.map((operand, k) => at(operand, [...(terms[k] ?? "")].map(position)));
        return total + factors.reduce((product, factor) => product * factor, 1);
      }, 0),
    );
  };
}

const equation = (text: string): ((...operands: Tensor[]) => number[]) => {
  const [left = "", right = ""] = text.split("->");
  return summation(left.split(","), right);
};

export const contraction = {
  matmul: [
    { operands: [float([2, 3]), float([3, 4])], build: (a, b) => matmul(a, b), value: equation("ij,jk->ik") },
    {
      title: "batches that broadcast",
      operands: [float([2, 1, 2, 3]), float([3, 3, 2])],
      build: (a, b) => matmul(a, b),
      value: equation("abij,bjk->abik"),
      shape: [2, 3, 2, 2],
    },
    {
      title: "vectors",
      operands: [float([3]), float([3])],
      build: (a, b) => matmul(a, b),
      value: equation("i,i->"),
    },
    {
      title: "row",
      operands: [float([3]), float([2, 3, 4])],
      build: (a, b) => matmul(a, b),
      value: equation("j,bjk->bk"),
    },
    {
      title: "column",
      operands: [float([2, 3]), float([3])],
      build: (a, b) => matmul(a, b),
      value: equation("ij,j->i"),
    },
    {
      title: "empty sum",
      operands: [float([2, 0]), float([0, 3])],
      build: (a, b) => matmul(a, b),
      value: [0, 0, 0, 0, 0, 0],
    },
    {
      operands: [integers([2, 3], -9, 9), integers([3, 2], -9, 9)],
      build: (a, b) => matmul(a, b),
      value: equation("ij,jk->ik"),
    },
  ],
  dot: [
    { operands: [float([4]), float([4])], build: (a, b) => dot(a, b), value: equation("i,i->") },
    { operands: [float([2, 3]), float([3])], build: (a, b) => dot(a, b), value: equation("ij,j->i") },
    {
      operands: [float([2, 3]), float([4, 3, 2])],
      build: (a, b) => dot(a, b),
      value: equation("ij,kjl->ikl"),
    },
    { operands: [float([]), float([3])], build: (a, b) => dot(a, b), value: equation(",i->i") },
    { title: "empty", operands: [float([2, 0]), float([0])], build: (a, b) => dot(a, b), value: [0, 0] },
  ],
  outer: [
    { operands: [float([2]), float([3])], build: (a, b) => outer(a, b), value: equation("i,j->ij") },
    {
      operands: [float([2, 2]), float([3])],
      build: (a, b) => outer(a, b),
      value: equation("ij,k->ijk"),
      shape: [2, 2, 3],
    },
  ],
  einsum: [
    {
      operands: [float([2, 3]), float([3, 4])],
      build: (a, b) => einsum("ij,jk->ki", a, b),
      value: equation("ij,jk->ki"),
    },
    {
      title: "implicit result",
      operands: [float([3, 2]), float([3, 4])],
      build: (a, b) => einsum("ba,bc", a, b),
      value: equation("ba,bc->ac"),
    },
    {
      title: "diagonal",
      operands: [float([3, 2, 3])],
      build: (a) => einsum("iji->ji", a),
      value: equation("iji->ji"),
    },
    { title: "trace", operands: [float([3, 3])], build: (a) => einsum("ii", a), value: equation("ii->") },
    {
      title: "three of one label",
      operands: [float([2, 2, 2])],
      build: (a) => einsum("iii->i", a),
      value: equation("iii->i"),
    },
    {
      title: "chain of three",
      operands: [float([2, 3]), float([3, 4]), float([4, 2])],
      build: (a, b, c) => einsum("ij,jk,kl->il", a, b, c),
      value: equation("ij,jk,kl->il"),
    },
    {
      title: "label kept and shared by three",
      operands: [float([2, 3]), float([2, 3]), float([2])],
      build: (a, b, c) => einsum("bi,bi,b->b", a, b, c),
      value: equation("bi,bi,b->b"),
    },
    {
      title: "ellipsis that broadcasts",
      operands: [float([2, 1, 2, 3]), float([3, 3, 2])],
      build: (a, b) => einsum("...ij,...jk->...ik", a, b),
      value: equation("abij,bjk->abik"),
      shape: [2, 3, 2, 2],
    },
    {
      title: "summed ellipsis",
      operands: [float([2, 2, 3])],
      build: (a) => einsum("...i->i", a),
      value: equation("abi->i"),
    },
    {
      title: "spaces, sum of one side",
      operands: [float([2, 3]), float([4])],
      build: (a, b) => einsum(" i j , k -> i ", a, b),
      value: equation("ij,k->i"),
    },
    {
      title: "extent 1 broadcasts",
      operands: [float([2, 3]), float([1, 3])],
      build: (a, b) => einsum("ij,ij->i", a, b),
      value: equation("ij,ij->i"),
    },
    {
      title: "scalars",
      operands: [float([]), float([])],
      build: (a, b) => einsum(",->", a, b),
      value: equation(",->"),
    },
    {
      title: "empty",
      operands: [float([2, 0]), float([0, 3])],
      build: (a, b) => einsum("ij,jk->ik", a, b),
      value: [0, 0, 0, 0, 0, 0],
    },
  ],
  linear: [
    {
      operands: [float([2, 3]), float([4, 3]), float([4])],
      build: (x, w, bias) => linear(x, w, bias),
      value: (x, w, bias) => equation("ij,kj->ik")(x, w).map((sum, i) => sum + (bias.data[i % 4] ?? 0)),
    },
    {
      title: "vector",
      operands: [float([3]), float([2, 3])],
      build: (x, w) => linear(x, w),
      value: equation("j,kj->k"),
    },
    {
      title: "leading axes",
      operands: [float([2, 2, 3]), float([2, 3])],
      build: (x, w) => linear(x, w),
      value: equation("abj,kj->abk"),
    },
  ],
  bilinear: [
    {
      operands: [float([2, 2]), float([2, 3]), float([4, 2, 3]), float([4])],
      build: (a, b, w, bias) => bilinear(a, b, w, bias),
      value: (a, b, w, bias) =>
        equation("ni,nj,kij->nk")(a, b, w).map((sum, i) => sum + (bias.data[i % 4] ?? 0)),
    },
    {
      title: "vectors",
      operands: [float([2]), float([3]), float([2, 2, 3])],
      build: (a, b, w) => bilinear(a, b, w),
      value: equation("i,j,kij->k"),
    },
    {
      title: "empty",
      operands: [float([0, 2]), float([0, 3]), float([2, 2, 3])],
      build: (a, b, w) => bilinear(a, b, w),
      value: [],
      shape: [0, 2],
    },
  ],
} satisfies Cases;
