/** Laws that make derivatives shorter to draw: (Aᵀ)ᵀ = A, (A B)ᵀ = Bᵀ Aᵀ, 1 ⊙ A = A. It refuses to touch what was declared. */

import { type Graph, label, matmul, type Node, sameShape, transpose } from "@adjoint/core";
import { type Rule, rewrite } from "@adjoint/scheduler";

function isTransposed(node: Node | undefined): node is Node {
  const rank = node?.shape.length ?? 0;
  const { permutation } = node?.attributes ?? {};
  if (node?.op.name !== "transpose" || !Array.isArray(permutation)) return false;
  return permutation.every(
    (axis, position) => axis === (position < rank - 2 ? position : 2 * rank - 3 - position),
  );
}

function isOne(node: Node): boolean {
  const [spread] = node.operands;
  if (["broadcastTo", "reshape"].includes(node.op.name) && spread !== undefined) return isOne(spread);
  const { values } = node.attributes;
  return node.op.name === "constant" && Array.isArray(values) && values.every((value) => value === 1);
}

const rules: readonly Rule[] = [
  {
    name: "transpose of a transpose",
    equation: "(Aᵀ)ᵀ = A",
    apply: (node) => {
      const [inner] = node.operands;
      return isTransposed(node) && isTransposed(inner) ? inner.operands[0] : undefined;
    },
  },
  {
    name: "transpose of a product",
    equation: "(A B)ᵀ = Bᵀ Aᵀ",
    apply: (node) => {
      const [product] = node.operands;
      const [a, b] = product?.operands ?? [];
      if (
        node.derivativeOrder === 0 ||
        !isTransposed(node) ||
        product?.op.name !== "matmul" ||
        product.label !== undefined
      )
        return undefined;
      return a === undefined || b === undefined ? undefined : matmul(transpose(b), transpose(a));
    },
  },
  {
    name: "product with one",
    equation: "1 ⊙ A = A",
    apply: (node) => {
      if (node.derivativeOrder === 0 || !(node.op.name === "mul" || node.op.name === "chain"))
        return undefined;
      const left = node.operands.find(
        (factor, position) =>
          isOne(node.operands[1 - position] ?? factor) && sameShape(factor.shape, node.shape),
      );
      const isShown = left?.label !== undefined || left?.operands.length === 0;
      return left === undefined || node.label === undefined || isShown ? left : label(left, node.label);
    },
  },
];

/** The graph with shorter derivatives. */
export function tidy(graph: Graph): Graph {
  return rewrite(graph, rules);
}
