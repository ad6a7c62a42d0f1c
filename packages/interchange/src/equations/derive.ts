/** Derives the equations of a graph: definitions in forward order, then the chain rule for every adjoint. It refuses to lay them out. */

import {
  add,
  constant,
  dtypes,
  graph as freeze,
  GradientError,
  type Graph,
  input,
  markDerivativeOrder,
  mul,
  NameError,
  type Node,
  reachable,
  sum,
} from "@adjoint/core";
import { Scopes } from "../scope.js";
import { type Chain, chainRule, printAny } from "./chain.js";
import { type Equation, spaceOf } from "./equation.js";
import { Displayed, type Functions } from "./functions.js";
import { Locals, type NodeSymbol } from "./local.js";
import { withLines } from "./named.js";
import { printTerm } from "./print.js";
import { symbolOf } from "./symbol.js";

export interface DeriveOptions {
  /** The output that is differentiated; needed where the graph has several. */
  readonly of?: string;
  /** Names of the nodes by which it is differentiated; all parameters that are no state when absent. */
  readonly wrt?: readonly string[];
  /** Also the steps on the way, as a textbook shows them: `prod(…)` and the derivatives of single terms. */
  readonly steps?: boolean;
  /** LaTeX in place of that of an op: `{ tanh: "\\phi" }` writes h = φ(z) and φ′(z). */
  readonly functions?: Functions;
  /** Letters for extents: `{ 256: "n" }`. */
  readonly extents?: Readonly<Record<number, string>>;
  /**
   * Also the product of the Hessian with a direction, by differentiating S = Σ ⟨∂J/∂x, v_x⟩ once more: inputs of the
   * names `v_<x>` for every x of `wrt`, in the scope of x.
   */
  readonly hessian?: boolean;
}

/**
 * The equations of an output and its derivatives, under the labels of the graph's nodes; nodes without a label are written
 * out where they are used, unless that would be too long.
 * @throws NameError for an unknown output or node, GradientError for an objective that is not a scalar, or nodes that are not
 * float.
 */
export function derive(graph: Graph, options: DeriveOptions = {}): readonly Equation[] {
  return derivation(graph, options).equations;
}

/**
 * The graph with the derivatives of an output by every line, each an output under a label such as ∂J/∂z; those that are just a
 * number are left out. With `hessian` also those of S, such as ∂S/∂z and ∂S/∂∂J/∂z. Adjoints that read nothing but their operands, such as softmax(o) − onehot(y), are one node.
 */
export function withAdjoints(graph: Graph, options: DeriveOptions = {}): Graph {
  const { objective, chains } = derivation(graph, options);
  const known = new Set(graph.nodes);
  const outputs = chains.flatMap(({ adjoints }, position) => {
    const shown = [...adjoints.values()]
      .map((each) => each.shown)
      .filter(({ op, label }) => op.name !== "constant" && label !== undefined);
    // Freezing gives a node that is found in both the lower order.
    const marked = markDerivativeOrder(shown, known, objective.derivativeOrder + 1 + position);
    return marked.map((node): [string, Node] => [node.label ?? "", node]);
  });
  return freeze({ outputs: { [graph.nameOf(objective)]: objective, ...Object.fromEntries(outputs) } });
}

function derivation(
  graph: Graph,
  options: DeriveOptions,
): { objective: Node; chains: readonly Chain[]; equations: readonly Equation[] } {
  const { steps = false, functions = {}, extents = {}, hessian = false } = options;
  const objective = objectiveOf(graph, options.of);
  const wrt =
    options.wrt?.map((name) => graph.node(name)) ??
    graph.parameters.filter(({ attributes }) => attributes["state"] !== true);
  for (const x of wrt) {
    if (dtypes[x.dtype].kind !== "float")
      throw new GradientError(`${String(x)} is not differentiable: its dtype is ${x.dtype}.`, String(x));
  }
  const outputs = new Map(Object.entries<Node>(graph.outputs).map(([name, node]) => [node, name]));
  const names = new Map<Node, string>();
  const nameOf = (node: Node): string => names.get(node) ?? (graph.has(node) ? graph.nameOf(node) : "");
  const isNamed = (node: Node): boolean =>
    node === objective || node.label !== undefined || wrt.includes(node);
  const lines = withLines([objective, ...wrt], isNamed);
  const symbols = new Map<Node, NodeSymbol>();
  const scopes = new Scopes(graph);
  const displayed = new Displayed(functions);
  const slopesSeen = new Set<string>();
  const taken = new Set(graph.nodes.map((node) => graph.nameOf(node)));
  let unnamed = 0;
  for (const node of lines) {
    // Names are unique where labels need not be.
    const own = node.label === undefined ? outputs.get(node) : nameOf(node);
    if (own === undefined)
      do unnamed += 1;
      while (taken.has(`t_${unnamed}`));
    const { scope, name } = scopes.split(own ?? `t_${unnamed}`);
    symbols.set(node, symbolOf(name, node.shape.length, scope));
  }
  const locals = new Locals(lines, symbols, displayed);
  const shared = { lines, symbols, nameOf, extents, steps, slopesSeen };
  const first = chainRule(objective, wrt, { ...shared, locals, order: 1 });
  const members = new Set(reachable([objective]));
  const forward = [...lines]
    .filter((node) => members.has(node))
    .map((node) => define(node, locals, symbols, nameOf(node), extents));
  const given = forward.filter(({ kind }) => kind === "given");
  const definitions = forward.filter(({ kind }) => kind === "definition");
  const zeros = wrt
    .filter((x) => !members.has(x))
    .map((x) => zero(x, objective, symbols, nameOf(x), extents));
  const equations = [...given, ...definitions, ...first.equations, ...zeros];
  if (!hessian) return { objective, chains: [first], equations };

  const directionOf = (name: string): string => {
    const at = scopes.split(name);
    return `${at.scope === "" ? "" : `${at.scope}.`}v_${at.name}`;
  };
  const directions = wrt.map((x) => ({
    x,
    v: input(directionOf(nameOf(x)), x.shape, x.dtype),
    adjoint: first.adjoints.get(x),
  }));
  const products = directions.flatMap(({ v, adjoint }) =>
    adjoint === undefined ? [] : [sum(mul(adjoint.node, v))],
  );
  const [head, ...rest] = products;
  if (head === undefined) return { objective, chains: [first], equations };
  const S = rest.reduce((total, product) => add(total, product), head);
  for (const { x, v } of directions) {
    const below = symbols.get(x);
    lines.add(v);
    symbols.set(v, {
      kind: "symbol",
      base: "\\mathbf{V}",
      superscript: "",
      subscript: below === undefined ? "" : printAny(below),
      transposed: false,
    });
    names.set(v, directionOf(nameOf(x)));
  }
  for (const [node, { node: adjoint, symbol }] of first.adjoints) {
    if (adjoint.operands.length === 0) continue;
    lines.add(adjoint);
    symbols.set(adjoint, symbol);
    names.set(adjoint, adjoint.label ?? nameOf(node));
  }
  lines.add(S);
  symbols.set(S, symbolOf("S", 0));
  names.set(S, "S");
  const again = new Locals(lines, symbols, displayed);
  const second = chainRule(S, wrt, { ...shared, locals: again, order: 2 });
  const all = [
    ...given,
    ...directions.map(({ v }) => define(v, again, symbols, nameOf(v), extents)),
    ...definitions,
    ...first.equations,
    { ...define(S, again, symbols, "S", extents), order: 2 } satisfies Equation,
    ...second.equations,
  ];
  return { objective, chains: [first, second], equations: all };
}

function objectiveOf(graph: Graph, name: string | undefined): Node {
  const outputs = Object.entries<Node>(graph.outputs);
  const [only, ...others] = outputs;
  if (name === undefined && others.length > 0) {
    throw new NameError(
      `The graph has ${outputs.length} outputs: say by "of" which to differentiate, such as "${only?.[0] ?? ""}".`,
      "of",
    );
  }
  const found = name === undefined ? only?.[1] : outputs.find(([output]) => output === name)?.[1];
  if (found === undefined) throw new NameError(`The graph has no output "${name ?? ""}".`, name ?? "of");
  if (found.shape.length > 0)
    throw new GradientError(
      `${String(found)} is not a scalar: reduce it with sum or mean first.`,
      String(found),
    );
  return found;
}

/** The derivative by a node that the objective does not use. */
function zero(
  node: Node,
  objective: Node,
  symbols: ReadonlyMap<Node, NodeSymbol>,
  name: string,
  extents: Readonly<Record<number, string>>,
): Equation {
  const [above, below] = [objective, node].map((each) =>
    printAny(symbols.get(each) ?? symbolOf(name, each.shape.length)),
  );
  const left = `\\frac{\\partial ${above ?? ""}}{\\partial ${below ?? ""}}`;
  const value = constant(0, { dtype: node.dtype, shape: node.shape });
  return { kind: "adjoint", order: 1, name, left, right: "0", space: spaceOf(node, extents), node: value };
}

function define(
  node: Node,
  locals: Locals,
  symbols: ReadonlyMap<Node, NodeSymbol>,
  name: string,
  extents: Readonly<Record<number, string>>,
): Equation {
  const symbol = symbols.get(node) ?? symbolOf(name, node.shape.length);
  const line = { order: 0, name, left: printAny(symbol), space: spaceOf(node, extents), node } as const;
  if (node.op.name === "input" || node.op.name === "parameter") return { kind: "given", ...line };
  const right = printTerm(locals.renderer().definition(locals.of(node).expression));
  return { kind: node.operands.length === 0 ? "given" : "definition", ...line, right };
}
