/** A program for fewer examples at a time: the same ops over inputs whose first axis is shorter. It refuses to change weights. */

import {
  AdjointError,
  type AttributeValues,
  createNode,
  type Graph,
  graph,
  input,
  type Node,
  ShapeError,
  sizeOf,
} from "@adjoint/core";

/** The extent of the first axis that most inputs have: the examples of a step. */
export function batchOf(program: Graph): number | undefined {
  const counts = new Map<number, number>();
  for (const { shape } of program.inputs) {
    const [first] = shape;
    if (first !== undefined && first > 1) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The program for `to` examples instead of `from`; the reason where its ops do not allow it. */
export function withBatch(program: Graph, from: number, to: number): Graph | string {
  const made = new Map<Node, Node>();
  const scale = (shape: readonly number[]): readonly number[] =>
    shape[0] !== undefined && shape[0] % from === 0 ? [(shape[0] / from) * to, ...shape.slice(1)] : shape;
  try {
    for (const node of program.nodes) {
      const operands = node.operands.map((operand) => made.get(operand) ?? operand);
      made.set(node, rebuild(node, operands, scale));
    }
    const outputs = Object.entries<Node>(program.outputs).map(([name, node]) => [
      name,
      made.get(node) ?? node,
    ]);
    return graph({ outputs: Object.fromEntries(outputs) });
  } catch (error) {
    if (error instanceof AdjointError) return error.message;
    throw error;
  }
}

function rebuild(
  node: Node,
  operands: readonly Node[],
  scale: (shape: readonly number[]) => readonly number[],
): Node {
  const { op, attributes, label } = node;
  if (op.name === "input") return input(String(attributes["name"]), scale(node.shape), node.dtype);
  if (operands.every((operand, position) => operand === node.operands[position])) return node;
  const { shape } = attributes;
  const isFixed = Array.isArray(shape) && shape.every((extent) => typeof extent === "number");
  const fitting: AttributeValues = isFixed ? { ...attributes, shape: scale(shape) } : attributes;
  const rebuilt = createNode(op, operands, fitting, label);
  const [before, after] = [sizeOf(node.shape), sizeOf(rebuilt.shape)];
  if (rebuilt.shape.length !== node.shape.length || after > before)
    throw new ShapeError(`${String(node)} does not follow the number of examples.`, String(node));
  return rebuilt;
}
