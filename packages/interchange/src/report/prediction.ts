/** Finds what a model predicts: the value that its objective compares with data. It refuses to guess where nothing is compared. */

import { type Graph, type Node, reachable } from "@adjoint/core";

/**
 * The last value that depends on inputs and parameters and meets data that no parameter has touched: scores that meet
 * labels. Where it has no name, the nearest one that leads to it alone.
 */
export function predictionOf(objective: Graph): Node | undefined {
  const [data, model] = [new Set<Node>(), new Set<Node>()];
  const weights = new Set<Node>();
  let found: Node | undefined;
  for (const node of objective.nodes) {
    const { op, operands } = node;
    const reads = (set: ReadonlySet<Node>): Node | undefined => operands.find((operand) => set.has(operand));
    if (op.name === "parameter") weights.add(node);
    else if (op.name === "input") data.add(node);
    else if (reads(model) || (reads(weights) && reads(data))) model.add(node);
    else if (reads(weights)) weights.add(node);
    else if (reads(data)) data.add(node);
    const compared = reads(model);
    if (compared !== undefined && reads(data) !== undefined) found = compared;
  }
  if (found === undefined) return undefined;
  const way = [found];
  for (let node = found; node.label === undefined; ) {
    const [next, ...others] = node.operands.filter((operand) => model.has(operand));
    if (next === undefined || others.length > 0) break;
    way.push(next);
    node = next;
  }
  const named = way.find(({ label }) => label !== undefined) ?? found;
  return reachable([named]).some(({ op }) => op.name === "input") ? named : undefined;
}
