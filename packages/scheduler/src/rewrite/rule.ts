/** Rewrite rules and the engine that applies them. It refuses to know any particular rule. */

import {
  graph as freeze,
  type Graph,
  label,
  markDerivativeOrder,
  type Node,
  reachable,
  withOperands,
} from "@adjoint/core";

/** A directional equation: the replacement of a node, or undefined where the left side does not match. */
export interface Rule {
  readonly name: string;
  /** What holds: left side = right side. */
  readonly equation: string;
  apply(node: Node): Node | undefined;
}

/** The graph with every rule applied, operands first, until none matches; dead nodes are gone. The same graph where nothing matches. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const replaced = new Map<Node, Node>();
  const settled = new Set<Node>();
  settle(graph.nodes, rules, replaced, settled);
  if (graph.nodes.every((node) => replaced.get(node) === node)) return graph;
  const resolve = (node: Node): Node => replaced.get(node) ?? node;
  const outputs = Object.fromEntries(
    Object.entries<Node>(graph.outputs).map(([name, node]) => [name, resolve(node)]),
  );
  const updates = graph.updates.map(({ parameter, value }) => ({ parameter, value: resolve(value) }));
  return freeze({ outputs, updates });
}

/** Brings nodes, given operands before users, to their final form. Nests only as deep as rules follow each other. */
function settle(
  nodes: readonly Node[],
  rules: readonly Rule[],
  replaced: Map<Node, Node>,
  settled: Set<Node>,
): void {
  for (const node of nodes) {
    const current = withOperands(
      node,
      node.operands.map((operand) => replaced.get(operand) ?? operand),
    );
    const replacement = settled.has(current) ? undefined : applyFirst(current, rules);
    if (replacement === undefined) {
      settled.add(current);
      replaced.set(node, current);
    } else {
      const inherited = inherit(replacement, current, settled);
      settle(reachable([inherited], settled), rules, replaced, settled);
      replaced.set(node, replaced.get(inherited) ?? inherited);
    }
  }
}

function applyFirst(node: Node, rules: readonly Rule[]): Node | undefined {
  for (const rule of rules) {
    const replacement = rule.apply(node);
    if (replacement !== undefined) return replacement;
  }
  return undefined;
}

/** What a rule newly built takes the label and the derivative order of the node it stands for. */
function inherit(replacement: Node, replacedNode: Node, settled: ReadonlySet<Node>): Node {
  if (settled.has(replacement)) return replacement;
  const [marked = replacement] = markDerivativeOrder([replacement], settled, replacedNode.derivativeOrder);
  return replacedNode.label === undefined ? marked : label(marked, replacedNode.label);
}
