/**
 * The chain rule over lines: the derivative of the objective by every line it depends on through `wrt`, each from the
 * derivatives of the lines that use it. Source of the order: Zhang et al., "Dive into Deep Learning", section 5.3.
 */

import { add, constant, copy, createNode, dtypes, label, type Node, reachable } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { type Equation, spaceOf } from "./equation.js";
import { slope } from "./functions.js";
import type { Locals, NodeSymbol } from "./local.js";
import { printSymbol, printTerm } from "./print.js";
import { plus, type Term } from "./term.js";

export interface ChainOptions {
  readonly locals: Locals;
  readonly lines: ReadonlySet<Node>;
  readonly symbols: ReadonlyMap<Node, NodeSymbol>;
  readonly nameOf: (node: Node) => string;
  readonly extents: Readonly<Record<number, string>>;
  readonly steps: boolean;
  readonly order: Equation["order"];
  /** Left sides of the slopes that have been written. */
  readonly slopesSeen: Set<string>;
}

/** What one line adds to the derivative by a line that it uses. */
interface Contribution {
  readonly from: Node;
  readonly term: Term;
  readonly node: Node;
  readonly slopes: readonly Equation[];
}

export interface ChainAdjoint {
  readonly node: Node;
  /** The same in which only derivatives with names are ops of their own. */
  readonly shown: Node;
  readonly symbol: NodeSymbol;
}

export interface Chain {
  readonly equations: readonly Equation[];
  /** The derivative by each line, as a node over the lines, and how it is written. */
  readonly adjoints: ReadonlyMap<Node, ChainAdjoint>;
}

export function printAny(symbol: NodeSymbol): string {
  return symbol.kind === "symbol" ? printSymbol(symbol) : `\\frac{${symbol.over}}{${symbol.under}}`;
}

function partialOf(above: NodeSymbol, below: NodeSymbol): Extract<NodeSymbol, { kind: "fraction" }> {
  return { kind: "fraction", over: `\\partial ${printAny(above)}`, under: `\\partial ${printAny(below)}` };
}

export function chainRule(objective: Node, wrt: readonly Node[], options: ChainOptions): Chain {
  const { locals, lines, symbols, nameOf, extents, steps, order: derivative, slopesSeen } = options;
  const symbolOf = (node: Node): NodeSymbol =>
    symbols.get(node) ?? { kind: "fraction", over: "?", under: "?" };
  const order = reachable([objective]);
  const position = new Map(order.map((node, index) => [node, index]));
  const active = dependent(order, wrt);
  const isActive = (node: Node): boolean => active.has(node) && node !== objective;
  const waiting = new Map<Node, number>();
  for (const line of order) {
    if (!lines.has(line) || !active.has(line)) continue;
    for (const used of locals.of(line).uses) waiting.set(used, (waiting.get(used) ?? 0) + 1);
  }
  const users = new Map(waiting);

  const equations: Equation[] = [];
  const adjoints = new Map<Node, ChainAdjoint>();
  const contributions = new Map<Node, Contribution[]>();
  const steppingStones = new Map<Node, Equation[]>();
  const unit = new Set<Node>([objective]);
  const queue: Node[] = [];

  /** Adds what a line with a known adjoint gives to the lines it uses. */
  const spread = (line: Node, seed: Node): void => {
    const { expression, uses } = locals.of(line);
    const targets = uses.filter(isActive);
    const leaves = targets.map((used) => locals.standIn(used));
    if (line.operands.length === 0 || targets.length === 0) return;
    const found = gradient(expression, leaves, { seed });
    const renderer = locals.renderer(new Map([[expression, symbolOf(line)]]));
    const ready: Node[] = [];
    for (const [index, used] of targets.entries()) {
      const share = found[index];
      if (share === undefined) continue;
      const term = renderer.term(share);
      const slopes = slopesIn(share, line);
      contributions.set(used, [
        ...(contributions.get(used) ?? []),
        { from: line, term, node: locals.resolve(share), slopes },
      ]);
      if (steps && line !== objective && unit.has(line) && (users.get(used) ?? 0) > 1) {
        const left = printAny(partialOf(symbolOf(line), symbolOf(used)));
        const local: Equation = {
          kind: "local",
          order: derivative,
          name: nameOf(used),
          left,
          right: printTerm(term),
          space: spaceOf(used, extents),
          node: locals.plain(locals.resolve(share)),
        };
        steppingStones.set(line, [...(steppingStones.get(line) ?? []), local]);
      }
      const left = (waiting.get(used) ?? 0) - 1;
      waiting.set(used, left);
      if (left === 0) ready.push(used);
    }
    // Parameters first: they lead nowhere.
    queue.push(
      ...ready.filter((node) => node.operands.length === 0),
      ...ready.filter((node) => node.operands.length > 0),
    );
  };

  /** What the named derivatives of activations are, written with the activation's result where that has a line. */
  const slopesIn = (share: Node, line: Node): Equation[] =>
    reachable([share]).flatMap((node) => {
      const made = locals.displayed.slopeOf(node);
      const [x] = node.operands;
      if (made === undefined || x === undefined) return [];
      const plain = createNode(made.of, [x], node.attributes);
      const result = [...lines].find(
        (each) =>
          each.op === made.of &&
          locals.of(each).expression.operands[0] === x &&
          JSON.stringify(each.attributes) === JSON.stringify(node.attributes),
      );
      const renderer = locals.renderer(new Map(result === undefined ? [] : [[plain, symbolOf(result)]]));
      const left = printTerm(renderer.definition(node));
      if (slopesSeen.has(left)) return [];
      slopesSeen.add(left);
      const value = slope(made.of, x, node.attributes, made.order, plain);
      const right = printTerm(renderer.term(value));
      return [
        {
          kind: "slope",
          order: derivative,
          name: nameOf(line),
          left,
          right,
          space: spaceOf(node, extents),
          node: locals.plain(locals.resolve(value)),
        },
      ];
    });

  /** The line of an adjoint, once everything that uses the node is known. */
  const settle = (used: Node): void => {
    const all = (contributions.get(used) ?? []).sort(
      (a, b) => (position.get(a.from) ?? 0) - (position.get(b.from) ?? 0),
    );
    const term = all.reduce<Term>((total, share) => plus(total, share.term), []);
    const [first, ...others] = all.map(({ node }) => node);
    const sum = others.reduce(
      (total, other) => add(total, other),
      first ?? constant(0, { dtype: used.dtype, shape: used.shape }),
    );
    const name = `∂${nameOf(objective)}/∂${nameOf(used)}`;
    const isLeaf = sum.operands.length === 0 && sum.op.name !== "constant";
    // A leaf stays the one that it is: another of its name would be another leaf. What has a name keeps it.
    const node = isLeaf ? sum : label(sum.label === undefined ? sum : copy(sum), name);
    const symbol = partialOf(symbolOf(objective), symbolOf(used));
    for (const { from } of all) {
      equations.push(...(steppingStones.get(from) ?? []));
      steppingStones.delete(from);
    }
    const chain = steps ? chainOf(all, used) : undefined;
    const left = printAny(symbol);
    equations.push({
      ...{
        kind: "adjoint",
        order: derivative,
        name: nameOf(used),
        left,
        right: printTerm(term),
        space: spaceOf(used, extents),
        node: locals.plain(node),
      },
      ...(chain === undefined || chain === left ? {} : { chain }),
    });
    equations.push(...all.flatMap(({ slopes }) => slopes));
    adjoints.set(used, { node, shown: locals.plain(node, false), symbol });
    const value = plainNumber(term);
    if (value === 1) unit.add(used);
    spread(
      used,
      value === undefined
        ? locals.standIn(node, symbol)
        : constant(value, { dtype: used.dtype, shape: used.shape }),
    );
  };

  const chainOf = (all: readonly Contribution[], used: Node): string =>
    all
      .map(({ from }) => {
        const local = printAny(partialOf(symbolOf(from), symbolOf(used)));
        const whole = printAny(partialOf(symbolOf(objective), symbolOf(from)));
        return unit.has(from) ? local : `\\operatorname{prod}\\left(${whole}, ${local}\\right)`;
      })
      .join(" + ");

  spread(objective, constant(1, { dtype: objective.dtype, shape: objective.shape }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) settle(next);
  return { equations, adjoints };
}

/** The value of a term that is a number and nothing else. */
function plainNumber(term: Term): number | undefined {
  const [only, ...others] = term;
  if (only === undefined) return 0;
  const plain = others.length === 0 && only.body === undefined && only.over.length + only.under.length === 0;
  return plain ? only.coefficient : undefined;
}

/** The nodes through which the last of `order` can depend on `wrt`. */
function dependent(order: readonly Node[], wrt: readonly Node[]): Set<Node> {
  const found = new Set<Node>(wrt);
  for (const node of order) {
    if (dtypes[node.dtype].kind === "float" && node.operands.some((operand) => found.has(operand)))
      found.add(node);
  }
  return found;
}
