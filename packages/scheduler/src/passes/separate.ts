/**
 * separate: graph → graph. Gives every output and update a value that a kernel can store: leaves are copied because nothing
 * computes them, and a value that several parameters take is copied because a stored value lives in one of them.
 */

import { copy, graph as freeze, type Graph, lowerNode, type Node, type Update } from "@adjoint/core";
import { baseOf } from "../lower/base.js";
import { definePass } from "./stage.js";

function isLeaf(node: Node): boolean {
  return lowerNode(baseOf(node)).kind === "leaf";
}

/** An update by the parameter itself is kept, so that the parameter stays part of the program, but computes nothing. */
function changes({ parameter, value }: Update): boolean {
  return baseOf(value) !== parameter;
}

/** A value behind a number of copies; equal copies are one node. */
function copied(node: Node, times: number): Node {
  let result = node;
  for (let k = 0; k < times; k++) result = copy(result);
  return result;
}

/** Every result gets a value of its own; copies may meet copies that were there, so that one round may not be enough. */
export function separated(graph: Graph): Graph {
  let current = graph;
  for (;;) {
    const next = separateOnce(current);
    if (next === current) return current;
    current = next;
  }
}

function separateOnce(graph: Graph): Graph {
  const bases = graph.updates.filter(changes).map(({ value }) => baseOf(value));
  const distinct = new Set(bases).size === bases.length;
  if (distinct && ![...Object.values<Node>(graph.outputs), ...bases].some(isLeaf)) return graph;
  const outputs = Object.fromEntries(
    Object.entries<Node>(graph.outputs).map(([name, node]) => [name, copied(node, isLeaf(node) ? 1 : 0)]),
  );
  const taken = new Map<Node, number>();
  const updates = graph.updates.map((update) => {
    const base = baseOf(update.value);
    const before = taken.get(base) ?? 0;
    if (!changes(update)) return update;
    taken.set(base, before + 1);
    return { parameter: update.parameter, value: copied(update.value, before + (isLeaf(base) ? 1 : 0)) };
  });
  return freeze({ outputs, updates });
}

export const separate = definePass("separate", "graph", "graph", ({ graph }) => ({
  kind: "graph",
  graph: separated(graph),
}));
