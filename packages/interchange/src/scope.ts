/**
 * Scopes: a name may begin with the part of the model that its node is in, as in `block0.attention.q` or `fc1.weight`. They
 * are nothing but names, so that graphs stay values and every form of a graph keeps them. It refuses to declare anything.
 */

import type { Graph, Node } from "@adjoint/core";

/** Where a node is, and what it is called there. */
export interface Placed {
  /** Empty outside of all scopes. */
  readonly scope: string;
  readonly name: string;
}

const identifier = /^[A-Za-z_]\w*(\.\w+)*$/;

/** Reads the names of one graph. */
export class Scopes {
  readonly #graph: Graph;
  readonly #names: ReadonlySet<string>;
  readonly #of: ReadonlyMap<Node, string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#names = new Set(graph.nodes.map((node) => graph.nameOf(node)));
    this.#of = inferScopes(graph, (name) => this.split(name).scope);
  }

  /**
   * What is before the last dot is the scope, unless a node is called that: `W1.velocity` is of W1, and where W1 is. A
   * derivative ∂J/∂x is where x is.
   */
  split(name: string): Placed {
    const below = differentiatedBy(name);
    if (below !== undefined) {
      const { scope, name: within } = this.split(below);
      return { scope, name: `${name.slice(0, -below.length)}${within}` };
    }
    if (!identifier.test(name)) return { scope: "", name };
    let scope = name;
    do scope = scope.slice(0, Math.max(0, scope.lastIndexOf(".")));
    while (this.#names.has(scope));
    return { scope, name: scope === "" ? name : name.slice(scope.length + 1) };
  }

  of(node: Node): string {
    return this.#of.get(node) ?? "";
  }

  /** What a node is called within its scope. */
  nameOf(node: Node): string {
    return this.split(this.#graph.nameOf(node)).name;
  }
}

/** The x of a derivative ∂J/∂x; ∂J/∂x of ∂S/∂∂J/∂x. */
export function differentiatedBy(name: string): string | undefined {
  const at = name.indexOf("/∂");
  return name.startsWith("∂") && at > 0 ? name.slice(at + 2) : undefined;
}

/** The scopes around a scope, outermost first, itself last. */
export function enclosing(scope: string): string[] {
  const parts = scope === "" ? [] : scope.split(".");
  return parts.map((_, position) => parts.slice(0, position + 1).join("."));
}

/** Whether a scope is another one or lies within it. */
function isWithin(scope: string, outer: string): boolean {
  return outer === "" || scope === outer || scope.startsWith(`${outer}.`);
}

/** The innermost scope around two. */
function common(a: string, b: string): string {
  return (
    enclosing(a)
      .filter((scope) => isWithin(b, scope))
      .at(-1) ?? ""
  );
}

/**
 * Nodes with a name are where it says. The others are where the values are that they work for, the innermost scope around their
 * users; within that, where the weights are that they read, or the values of lower orders of derivative. A derivative that reads neither
 * is where those are that it is computed from: it is on its way out of there.
 */
function inferScopes(graph: Graph, scopeOf: (name: string) => string): Map<Node, string> {
  const found = new Map<Node, string>();
  const weights = new Map<Node, string | undefined>();
  const byName = new Map(graph.nodes.map((node) => [graph.nameOf(node), node]));
  const named = (node: Node): string => {
    const below = byName.get(differentiatedBy(graph.nameOf(node)) ?? "");
    return (below === undefined ? undefined : found.get(below)) ?? scopeOf(graph.nameOf(node));
  };
  const scopesOf = (nodes: readonly Node[]): string[] => nodes.flatMap((node) => found.get(node) ?? []);
  for (const nodes of byOrder(graph)) {
    const wanted = wantedScopes(nodes, named);
    for (const node of nodes) {
      const { operands, derivativeOrder, op, label } = node;
      const outer = wanted.get(node) ?? "";
      const ofWeights = around(operands.flatMap((operand) => weights.get(operand) ?? []));
      const below = operands.filter((operand) => operand.derivativeOrder < derivativeOrder);
      const beside =
        derivativeOrder === 0 ? [] : operands.filter((operand) => isComputed(operand, derivativeOrder));
      const inner = around(scopesOf(below)) ?? ofWeights ?? around(scopesOf(beside));
      const isInner = label === undefined && inner !== undefined && isWithin(inner, outer);
      const scope = isInner ? inner : outer;
      found.set(node, scope);
      if (op.name === "parameter") weights.set(node, scope);
      else if (op.name !== "input" && operands.every((operand) => weights.has(operand)))
        weights.set(node, ofWeights);
    }
  }
  return found;
}

function isComputed(node: Node, order: number): boolean {
  return node.derivativeOrder === order && node.operands.length > 0;
}

/** Nodes of each order of derivative, lowest first, operands before users. */
function byOrder(graph: Graph): Node[][] {
  const orders: Node[][] = [];
  for (const node of graph.nodes) {
    orders[node.derivativeOrder] ??= [];
    orders[node.derivativeOrder]?.push(node);
  }
  return orders.filter((nodes) => nodes !== undefined);
}

/** What labels say, and the scope around its users of the same order for a node without one. */
function wantedScopes(nodes: readonly Node[], named: (node: Node) => string): Map<Node, string> {
  const wanted = new Map<Node, string>();
  const byUsers = new Map<Node, string>();
  for (const node of [...nodes].reverse()) {
    const scope = node.label === undefined ? (byUsers.get(node) ?? "") : named(node);
    wanted.set(node, scope);
    for (const operand of node.operands) {
      const known = byUsers.get(operand);
      byUsers.set(operand, known === undefined ? scope : common(known, scope));
    }
  }
  return wanted;
}

function around(scopes: readonly string[]): string | undefined {
  return scopes.length === 0 ? undefined : scopes.reduce(common);
}
