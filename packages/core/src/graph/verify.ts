/** Checks what every graph promises, without the code that built it. It refuses to repair. */

import { AdjointError, VerificationError } from "../errors.js";
import { checkLeaf, checkType } from "./assembly.js";
import type { Graph } from "./graph.js";
import { isNamedLeaf } from "./names.js";
import { createNode, type Node } from "./node.js";
import { checkUpdate } from "./updates.js";

/**
 * Checks that operands stand before users, names are unique, arities, attributes and types hold, outputs and updates
 * belong to the graph, updates have the types of their parameters, and no node is dead.
 * @throws VerificationError with the name of the node, output or parameter.
 */
export function verifyGraph(graph: Graph): void {
  const seen = new Set<Node>();
  const names = new Set<string>();
  const used = new Set<Node>();
  for (const node of graph.nodes) {
    const name = nameIn(graph, node);
    check(`node "${name}"`, name, () => verifyNode(node, name, seen));
    if (names.has(name)) fail(`two nodes are called "${name}"`, name);
    if (seen.has(node)) fail(`node "${name}" is listed twice`, name);
    names.add(name);
    seen.add(node);
    for (const operand of node.operands) used.add(operand);
  }
  for (const [name, node] of Object.entries<Node>(graph.outputs)) {
    if (!seen.has(node)) fail(`output "${name}" is not a node of the graph: ${String(node)}`, name);
    used.add(node);
  }
  const updated = new Set<Node>();
  for (const update of graph.updates) {
    const address = String(update.parameter);
    for (const node of [update.parameter, update.value]) {
      if (!seen.has(node))
        fail(`an update of ${address} has a node outside the graph: ${String(node)}`, address);
      used.add(node);
    }
    check(`the update of ${address}`, address, () => checkUpdate(update, updated));
  }
  for (const node of graph.nodes) {
    if (!used.has(node))
      fail(`nothing needs node "${graph.nameOf(node)}" (${String(node)})`, graph.nameOf(node));
  }
}

function nameIn(graph: Graph, node: Node): string {
  return graph.has(node) ? graph.nameOf(node) : fail(`${String(node)} has no name`, String(node));
}

function verifyNode(node: Node, name: string, seen: ReadonlySet<Node>): void {
  const late = node.operands.find((operand) => !seen.has(operand));
  if (late !== undefined) fail(`node "${name}" stands before its operand ${String(late)}`, name);
  const { name: own } = node.attributes;
  if (isNamedLeaf(node.op) && own !== name) fail(`node "${name}" must be called ${String(own)}`, name);
  checkLeaf(node);
  checkType(createNode(node.op, node.operands, node.attributes), node);
}

function check(what: string, address: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof AdjointError && !(error instanceof VerificationError))
      fail(`${what}: ${error.message}`, address);
    throw error;
  }
}

function fail(message: string, address: string): never {
  throw new VerificationError(message, address);
}
