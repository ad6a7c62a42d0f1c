/** A case as nodes over the inputs x0, x1, … with their data. It refuses to differentiate or run anything. */

import { add, constant, input, mul, type Node, sum } from "@adjoint/core";
import type { Case, OperandSpec, Tensor } from "./cases/case.js";
import { table } from "./cases/table.js";
import { drawOperand, stream } from "./draw.js";

export interface Instance {
  readonly name: string;
  readonly case: Case;
  readonly operands: readonly Tensor[];
  readonly inputs: readonly Node[];
  readonly results: readonly Node[];
  /** The inputs that derivatives are taken by. */
  readonly differentiable: readonly Node[];
  /** Elements by input name. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
}

/** All cases of the table under the names they are drawn and reported by. */
export function allCases(): [name: string, item: Case][] {
  return Object.entries<readonly Case[]>(table).flatMap(([op, cases]) =>
    cases.map((item, position): [string, Case] => [
      `${op} ${position}${item.title === undefined ? "" : `: ${item.title}`}`,
      item,
    ]),
  );
}

/** A case over inputs of the given float dtype. */
export function instantiate(name: string, item: Case, float: "float32" | "float64" = "float64"): Instance {
  const next = stream(name);
  const operands = item.operands.map(
    (spec): Tensor => ({ shape: spec.shape, data: drawOperand(spec, next) }),
  );
  const dtypeOf = ({ dtype }: OperandSpec) => (dtype === "float" ? float : dtype);
  const inputs = item.operands.map((spec, i): Node => input(`x${i}`, spec.shape, dtypeOf(spec)));
  const built = item.build(...inputs);
  return {
    name,
    case: item,
    operands,
    inputs,
    results: "op" in built ? [built] : built,
    differentiable: inputs.filter((_, i) => item.operands[i]?.differentiable === true),
    feeds: Object.fromEntries(operands.map(({ data }, i) => [`x${i}`, data])),
  };
}

/** Whether there is something to differentiate, and something to differentiate by. */
export function isDifferentiated(instance: Instance): boolean {
  return (
    instance.differentiable.length > 0 && instance.results.some((node) => node.dtype.startsWith("float"))
  );
}

/** Σ ⟨a_i, b_i⟩ over nodes that pair up; a constant zero for none. */
export function innerProduct(a: readonly Node[], b: readonly Node[]): Node {
  const products = a.map((node, i): Node => sum(mul(node, b[i] ?? node)));
  return products.reduce(
    (total, product) => add(total, product),
    constant(0, { dtype: a[0]?.dtype ?? "float64" }),
  );
}

/** Inputs that pair up with nodes: `u0`, `u1`, … of their types. */
export function inputsLike(prefix: string, nodes: readonly Node[]): Node[] {
  return nodes.map((node, i): Node => input(`${prefix}${i}`, node.shape, node.dtype));
}
