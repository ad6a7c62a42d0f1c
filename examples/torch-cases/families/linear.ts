// Products of PyTorch: matrices, batches of them, einsum, and the layers made of them.

import {
  add,
  bilinear,
  cross,
  dot,
  einsum,
  linear,
  matmul,
  mul,
  multiDot,
  type Node,
  outer,
  reshape,
  sizeOf,
  sum,
  transpose,
} from "@adjoint/core";
import { binary, type Mapping, type Mappings, op } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

/** beta · input + alpha · product of the two tensors that follow. */
function added(names: string, product: (a: Node, b: Node) => Node): Mapping {
  const [first = "", second = ""] = names.split(" ");
  return op(`input ${names} beta alpha`, (a) =>
    add(
      mul(a.tensor("input"), a.number("beta", 1)),
      mul(product(a.tensor(first), a.tensor(second)), a.number("alpha", 1)),
    ),
  );
}

/** Contracts the last axis of both. */
function innerProduct(a: Node, b: Node): Node {
  if (a.shape.length === 0 || b.shape.length === 0) return mul(a, b);
  const [rows, columns] = [a.shape.slice(0, -1), b.shape.slice(0, -1)];
  const flat = (x: Node): Node => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) ?? 1]);
  return reshape(matmul(flat(a), transpose(flat(b))), [...rows, ...columns]);
}

function kronecker(a: Node, b: Node): Node {
  const rank = Math.max(a.shape.length, b.shape.length);
  const raised = (x: Node): number[] => [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const [left, right] = [raised(a), raised(b)];
  const product = mul(
    reshape(
      a,
      left.flatMap((extent) => [extent, 1]),
    ),
    reshape(
      b,
      right.flatMap((extent) => [1, extent]),
    ),
  );
  return reshape(
    product,
    left.map((extent, axis) => extent * (right[axis] ?? 1)),
  );
}

function tensordot(a: Node, b: Node, left: readonly number[], right: readonly number[]): Node {
  const normal = (axes: readonly number[], x: Node): number[] =>
    axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const [summedA, summedB] = [normal(left, a), normal(right, b)];
  const keptA = [...a.shape.keys()].filter((axis) => !summedA.includes(axis));
  const keptB = [...b.shape.keys()].filter((axis) => !summedB.includes(axis));
  const extents = (x: Node, axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis] ?? 1);
  const inner = sizeOf(extents(a, summedA));
  const rows = reshape(transpose(a, [...keptA, ...summedA]), [sizeOf(extents(a, keptA)), inner]);
  const columns = reshape(transpose(b, [...summedB, ...keptB]), [inner, sizeOf(extents(b, keptB))]);
  return reshape(matmul(rows, columns), [...extents(a, keptA), ...extents(b, keptB)]);
}

/** The first axis of extent 3. */
function axisOfThree(x: Node, y: Node): number {
  const rank = Math.max(x.shape.length, y.shape.length);
  return x.shape.indexOf(3) + rank - x.shape.length;
}

export const products: Mappings = {
  __rmatmul__: binary((x, y) => matmul(y, x)),
  addbmm: added("batch1 batch2", (x, y) => sum(matmul(x, y), { axes: 0 })),
  addmm: added("mat1 mat2", matmul),
  addmv: added("mat vec", matmul),
  addr: added("vec1 vec2", outer),
  baddbmm: added("batch1 batch2", matmul),
  bmm: op("input mat2", (a) => matmul(a.tensor("input"), a.tensor("mat2"))),
  cross: op("input other dim", (a) => {
    const [x, y] = [a.tensor("input"), a.tensor("other")];
    return cross(x, y, a.number("dim", axisOfThree(x, y)));
  }),
  dot: binary(dot),
  einsum: op("operands equation", (a) => einsum(a.text("equation"), ...a.tensors("operands"))),
  inner: binary(innerProduct),
  kron: binary(kronecker),
  "linalg.cross": op("input other dim", (a) =>
    cross(a.tensor("input"), a.tensor("other"), a.number("dim", -1)),
  ),
  "linalg.multi_dot": op("tensors", (a) => multiDot(a.tensors("tensors"))),
  "linalg.vecdot": op("x y dim", (a) =>
    sum(mul(a.tensor("x"), a.tensor("y")), { axes: a.number("dim", -1) }),
  ),
  matmul: binary(matmul),
  mm: op("input mat2", (a) => matmul(a.tensor("input"), a.tensor("mat2"))),
  mv: op("input vec", (a) => matmul(a.tensor("input"), a.tensor("vec"))),
  "nn.functional.bilinear": op("input1 input2 weight bias", (a) =>
    bilinear(a.tensor("input1"), a.tensor("input2"), a.tensor("weight"), a.optional("bias")),
  ),
  "nn.functional.linear": op("input weight bias", (a) =>
    linear(a.tensor("input"), a.tensor("weight"), a.optional("bias")),
  ),
  outer: op("input vec2", (a) => outer(a.tensor("input"), a.tensor("vec2"))),
  tensordot: op("a b dims", (a) => {
    const [x, y, dims] = [a.tensor("a"), a.tensor("b"), a.raw("dims")];
    if (dims !== undefined && "list" in dims) {
      const [left, right] = dims.list.map((axes) =>
        "list" in axes ? axes.list.map((axis) => a.numberOf(axis, "dims")) : undefined,
      );
      if (left === undefined || right === undefined)
        throw new UnsupportedError("dims that are no pair of lists");
      return tensordot(x, y, left, right);
    }
    const count = a.number("dims", 2);
    const positions = Array.from({ length: count }, (_, axis) => axis);
    return tensordot(
      x,
      y,
      positions.map((axis) => x.shape.length - count + axis),
      positions,
    );
  }),
  vdot: binary(dot),
};
