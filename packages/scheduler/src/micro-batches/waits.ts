/**
 * For which totals of the part before a slice of an input may wait, so that the parts can run one after another. It refuses
 * to build the waiting. Where a part needs a total over all parts, as the number of targets that count, waiting for
 * everything would be waiting for oneself.
 */

import type { Graph, Node } from "@adjoint/core";
import { axisOf, type Roles } from "./roles.js";

/**
 * Per input that is fed, the combined nodes whose totals come before its next slice. All of them, but where parts read totals:
 * inputs beneath such totals wait only for what no other input and no total is needed for.
 */
export function waitsOf(graph: Graph, roles: Roles, combined: ReadonlySet<Node>): Map<Node, Node[]> {
  const beneath = inputsBeneath(graph, roles);
  const read = totalsRead(graph, roles, beneath);
  const early = new Set(
    [...read.values()].flatMap((totals) => totals.flatMap((total) => [...below(beneath, total)])),
  );
  const late = readersOf(graph, new Set(read.keys()));
  const totals = graph.nodes.filter((node) => combined.has(node));
  const earlyTotals = totals.filter(
    (node) => !late.has(node) && [...below(beneath, node)].every((input) => early.has(input)),
  );
  const fed = graph.nodes.filter((node) => roles.get(node)?.kind === "fed");
  return new Map(fed.map((input) => [input, early.has(input) ? earlyTotals : totals]));
}

const none: ReadonlySet<Node> = new Set();

function below(beneath: ReadonlyMap<Node, ReadonlySet<Node>>, node: Node): ReadonlySet<Node> {
  return beneath.get(node) ?? none;
}

/** The fed inputs that each node depends on, itself among them. */
function inputsBeneath({ nodes }: Graph, roles: Roles): Map<Node, ReadonlySet<Node>> {
  const beneath = new Map<Node, ReadonlySet<Node>>();
  for (const node of nodes) {
    const sets = node.operands.map((operand) => below(beneath, operand));
    const largest = sets.reduce((a, b) => (b.size > a.size ? b : a), none);
    const covered = sets.every((set) => set === largest || [...set].every((input) => largest.has(input)));
    if (roles.get(node)?.kind === "fed") beneath.set(node, new Set([node]));
    else beneath.set(node, covered ? largest : new Set(sets.flatMap((set) => [...set])));
  }
  return beneath;
}

/** Nodes of a part that read what depends on all parts, and what that is. */
function totalsRead(
  { nodes }: Graph,
  roles: Roles,
  beneath: ReadonlyMap<Node, ReadonlySet<Node>>,
): Map<Node, readonly Node[]> {
  const read = new Map<Node, readonly Node[]>();
  for (const node of nodes) {
    const kind = roles.get(node)?.kind;
    if (kind !== "batched" && kind !== "combined") continue;
    const totals = node.operands.filter(
      (operand) => axisOf(roles.get(operand)) === undefined && below(beneath, operand).size > 0,
    );
    if (totals.length > 0) read.set(node, totals);
  }
  return read;
}

/** The nodes and everything that depends on them. */
function readersOf({ nodes }: Graph, found: Set<Node>): Set<Node> {
  for (const node of nodes) if (node.operands.some((operand) => found.has(operand))) found.add(node);
  return found;
}
