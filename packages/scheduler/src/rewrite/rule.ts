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
  /** The only op whose nodes can match; absent where any may. */
  readonly op?: string;
  apply(node: Node): Node | undefined;
}

/** The graph with every rule applied, operands first, until none matches; dead nodes are gone. The same graph where nothing matches. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const replaced = new Map<Node, Node>();
  const settled = new Set<Node>();
  settle(graph.nodes, new RuleTable(rules), replaced, settled);
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
  rules: RuleTable,
  replaced: Map<Node, Node>,
  settled: Set<Node>,
): void {
  for (const node of nodes) {
    const current = withOperands(
      node,
      node.operands.map((operand) => replaced.get(operand) ?? operand),
    );
    const replacement = settled.has(current) ? undefined : rules.apply(current);
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

/** Rules by the ops that they can match. */
class RuleTable {
  readonly #rules: readonly Rule[];
  readonly #byOp = new Map<string, readonly Rule[]>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** What the first rule that matches gives. */
  apply(node: Node): Node | undefined {
    for (const rule of this.#rulesOf(node.op.name)) {
      const replacement = rule.apply(node);
      if (replacement !== undefined) return replacement;
    }
    return undefined;
  }

  #rulesOf(name: string): readonly Rule[] {
    const known = this.#byOp.get(name) ?? this.#rules.filter(({ op = name }) => op === name);
    this.#byOp.set(name, known);
    return known;
  }
}

/** What a rule newly built takes the label and the derivative order of the node it stands for. */
function inherit(replacement: Node, replacedNode: Node, settled: ReadonlySet<Node>): Node {
  if (settled.has(replacement)) return replacement;
  const [marked = replacement] = markDerivativeOrder([replacement], settled, replacedNode.derivativeOrder);
  return replacedNode.label === undefined ? marked : label(marked, replacedNode.label);
}
