/** A line on its own: its expression over the lines it uses, each in the place of a leaf. It refuses to look below them. */

import { createNode, input, type Node, reachable, withOperands } from "@adjoint/core";
import type { Displayed } from "./functions.js";
import { type Naming, Renderer } from "./render.js";

export type NodeSymbol = ReturnType<Naming> & object;

export interface Local {
  /** The line's expression; its leaves are stand-ins. */
  readonly expression: Node;
  /** The lines that it uses, in order. */
  readonly uses: readonly Node[];
}

export class Locals {
  readonly displayed: Displayed;
  readonly #lines: ReadonlySet<Node>;
  readonly #symbols: ReadonlyMap<Node, NodeSymbol>;
  readonly #locals = new Map<Node, Local>();
  readonly #standIns = new Map<Node, Node>();
  /** What each stand-in stands for. */
  readonly #meant = new Replacement();
  readonly #expanded = new Replacement();
  readonly #whole = new Replacement();
  readonly #shown = new Map<Node, NodeSymbol>();

  constructor(lines: ReadonlySet<Node>, symbols: ReadonlyMap<Node, NodeSymbol>, displayed: Displayed) {
    this.#lines = lines;
    this.#symbols = symbols;
    this.displayed = displayed;
  }

  of(line: Node): Local {
    const known = this.#locals.get(line);
    if (known !== undefined) return known;
    const made = this.#make(line);
    this.#locals.set(line, made);
    this.#meant.set(made.expression, line);
    return made;
  }

  /** The leaf in the place of a value, which it is written as. */
  standIn(value: Node, symbol: NodeSymbol | undefined = this.#symbols.get(value)): Node {
    const known = this.#standIns.get(value);
    if (known !== undefined) return known;
    const leaf = input(`v${this.#standIns.size}`, value.shape, value.dtype);
    this.#standIns.set(value, leaf);
    this.#meant.set(leaf, value);
    if (symbol !== undefined) this.#shown.set(leaf, symbol);
    return leaf;
  }

  /** The same node over what its stand-ins stand for. */
  resolve(node: Node): Node {
    return this.#meant.map(node, (inner, operands) => withOperands(inner, operands));
  }

  /** The same again with the ops of the graph alone; unless expanded, what reads only its operands stays one node. */
  plain(node: Node, expand = true): Node {
    const done = expand ? this.#expanded : this.#whole;
    return done.map(node, (inner, operands) => this.displayed.plain(inner, operands, expand));
  }

  /** Writes nodes over stand-ins; `extra` names more of them. */
  renderer(extra: ReadonlyMap<Node, NodeSymbol> = new Map()): Renderer {
    return new Renderer((node) => extra.get(node) ?? this.#shown.get(node));
  }

  #make(line: Node): Local {
    const uses = new Set<Node>();
    const rebuilt = new Map<Node, Node>();
    const rebuild = (node: Node): Node => {
      if (node.operands.length === 0) return node;
      const operands = node.operands.map((operand) => {
        if (!this.#lines.has(operand)) return rebuilt.get(operand) ?? operand;
        uses.add(operand);
        return this.standIn(operand);
      });
      return createNode(this.displayed.op(node.op), operands, node.attributes);
    };
    for (const inner of reachable(line.operands, this.#lines)) rebuilt.set(inner, rebuild(inner));
    return { expression: rebuild(line), uses: [...uses] };
  }
}

/** What stands in the place of nodes, and what follows for everything above them; each is worked out once. */
class Replacement {
  readonly #results = new Map<Node, Node>();
  readonly #known = new Set<Node>();

  set(node: Node, result: Node): void {
    this.#results.set(node, result);
    this.#known.add(node);
  }

  map(node: Node, rebuild: (inner: Node, operands: readonly Node[]) => Node): Node {
    for (const inner of reachable([node], this.#known)) {
      const operands = inner.operands.map((operand) => this.#results.get(operand) ?? operand);
      this.set(inner, rebuild(inner, operands));
    }
    return this.#results.get(node) ?? node;
  }
}
