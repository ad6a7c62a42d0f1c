/** Which nodes of a graph are drawn, as what, and from where each takes its operands. It refuses to know marks or arrows. */

import type { Graph, Node } from "@adjoint/core";
import { differentiatedBy } from "../scope.js";

export interface Flow {
  /** What is drawn, operands before users. */
  readonly nodes: readonly Node[];
  /** Whether a node is a box under its name. */
  isVariable(node: Node): boolean;
  /** Whether a variable is drawn without its op, which only moves elements. */
  isDirect(node: Node): boolean;
  /** The drawn node that a value comes from. */
  source(node: Node): Node;
  /** Whether elements are transposed on the way from the source of an operand. */
  isTransposed(operand: Node): boolean;
  /** Whether a derivative of a higher order reads a value that is computed from inputs or parameters. */
  isReadByDerivatives(node: Node): boolean;
}

const movement = new Set(["reshape", "broadcastTo", "copy", "after", "cast", "stopGradient", "transpose"]);

export function flowOf(graph: Graph, showMovement: boolean): Flow {
  const outputs = new Set<Node>(Object.values<Node>(graph.outputs));
  const byName = new Map(graph.nodes.map((node) => [graph.nameOf(node), node]));
  // The derivative by a node without a name is as nameless as that.
  const hasName = (node: Node): boolean => {
    const below = node.label === undefined ? undefined : differentiatedBy(node.label);
    const by = below === undefined ? undefined : byName.get(below);
    return by === undefined ? node.label !== undefined || outputs.has(node) : hasName(by);
  };
  const isVariable = (node: Node): boolean =>
    hasName(node) || (node.operands.length === 0 && !isNumber(node));
  const moves = (node: Node): boolean => !showMovement && movement.has(node.op.name);
  const source = (node: Node): Node => {
    const passed = moves(node) && !isVariable(node) ? node.operands[0] : wrappedIndex(node);
    return passed === undefined ? node : source(passed);
  };
  const isTransposed = (operand: Node): boolean => {
    let odd = false;
    for (let node = operand; node !== source(operand); node = node.operands[0] ?? source(operand))
      if (node.op.name === "transpose") odd = !odd;
    return odd;
  };
  const needed = new Set<Node>([...outputs, ...graph.updates.map(({ value }) => value)].map(source));
  for (const node of [...graph.nodes].reverse()) {
    if (needed.has(node)) for (const operand of node.operands) needed.add(source(operand));
  }
  const nodes = graph.nodes.filter((node) => needed.has(node));
  const orders = new Map<Node, number>();
  for (const node of nodes) {
    for (const operand of node.operands.map(source))
      orders.set(operand, Math.max(orders.get(operand) ?? 0, node.derivativeOrder));
  }
  const given = new Set<Node>();
  for (const node of graph.nodes) {
    const { name } = node.op;
    if (name === "input" || name === "parameter" || node.operands.some((operand) => given.has(operand)))
      given.add(node);
  }
  return {
    nodes,
    isVariable,
    isDirect: (node) => isVariable(node) && moves(node),
    source,
    isTransposed,
    isReadByDerivatives: (node) =>
      node.operands.length > 0 && given.has(node) && (orders.get(node) ?? 0) > node.derivativeOrder,
  };
}

/** Whether a node is one number, the same everywhere. */
export function isNumber(node: Node): boolean {
  const { values } = node.attributes;
  return node.op.name === "constant" && Array.isArray(values) && values.length === 1;
}

/** The index that `where(i < 0, i + n, i)` is for one that does not count from the end. */
function wrappedIndex({ op, operands: [test, wrapped, index] }: Node): Node | undefined {
  const isWrap = op.name === "where" && test?.op.name === "less" && wrapped?.op.name === "add";
  return isWrap && index !== undefined && test.operands[0] === index && wrapped.operands[0] === index
    ? index
    : undefined;
}
