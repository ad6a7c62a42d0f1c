/**
 * Whether a node is linear in some of its operands, so that it can be computed term by term where those are sums. Read off
 * the lowering; an op that is linear but not seen to be costs time or memory, never correctness.
 */

import { dtypes, isComputed, type LoopNest, lowerNode, type Node } from "@adjoint/core";
import { isConstant, isOperation, postorder, type Scalar, type ScalarOp } from "@adjoint/core/kernel";

/** How a scalar depends on the terms: not at all (a zero at all times is both), in proportion, or otherwise. */
type Degree = "free" | "zero" | "linear" | "other";

/**
 * Whether the node is linear and homogeneous in the operands of which `isTerm` holds together. Contractions are not
 * taken for linear: one product with the sum is cheaper than a product with every term.
 */
export function isLinear(node: Node, isTerm: (operand: Node) => boolean): boolean {
  const lowering = lowerNode(node);
  if (lowering.kind === "reshape") return true;
  if (lowering.kind !== "map" && lowering.kind !== "view" && lowering.kind !== "reduce") return false;
  const { loops } = lowering;
  const terms = node.operands.map(isTerm);
  const degree = degreeOf(loops.body, terms);
  const summed = loops.combine === undefined || loops.combine === "add";
  return summed && (degree === "linear" || degree === "zero") && readsLinearly(loops, terms);
}

/** Positions do not depend on terms, and outside of a term there is 0. */
function readsLinearly({ accesses }: LoopNest, terms: readonly boolean[]): boolean {
  return accesses.every(
    ({ index, fill = 0 }, position) =>
      (fill === 0 || terms[position] !== true) &&
      index.every((part) => !isComputed(part) || degreeOf(part.computed, terms) === "free"),
  );
}

function degreeOf(body: Scalar, terms: readonly boolean[]): Degree {
  const degrees = new Map<Scalar, Degree>();
  let degree: Degree = "free";
  for (const scalar of postorder(body)) {
    if (isConstant(scalar)) degree = scalar.value === 0 ? "zero" : "free";
    else if (isOperation(scalar)) {
      const [a = "free", b = "free", c = "free"] = scalar.inputs.map(
        (input) => degrees.get(input) ?? "other",
      );
      degree = degreeOfOperation(scalar, a, b, c);
    } else degree = scalar.kind === "argument" && terms[scalar.index] === true ? "linear" : "free";
    degrees.set(scalar, degree);
  }
  return degree;
}

function degreeOfOperation(
  {
    op,
    dtype,
    inputs,
  }: { readonly op: ScalarOp; readonly dtype: Scalar["dtype"]; readonly inputs: readonly Scalar[] },
  a: Degree,
  b: Degree,
  c: Degree,
): Degree {
  const constant = (degree: Degree): boolean => degree === "free" || degree === "zero";
  if ([a, b, c].slice(0, inputs.length).every(constant)) return "free";
  const proportional = (degree: Degree): boolean => degree === "linear" || degree === "zero";
  const exact = dtypes[dtype].kind === "float";
  switch (op) {
    case "neg":
      return a;
    case "add":
    case "sub":
      return proportional(a) && proportional(b) ? "linear" : "other";
    case "mul":
      return (a === "linear" && constant(b)) || (constant(a) && b === "linear") ? "linear" : "other";
    case "div":
      return exact && a === "linear" && constant(b) ? "linear" : "other";
    case "select":
      return constant(a) && proportional(b) && proportional(c) ? "linear" : "other";
    case "cast":
      return exact && a === "linear" && dtypes[inputs[0]?.dtype ?? "bool"].kind === "float"
        ? "linear"
        : "other";
    default:
      return "other";
  }
}
