/** A line on its own: its expression over the lines it uses, each in the place of a leaf. It refuses to look below them. */

import { createNode, input, type Node, reachable, withOperands } from "@adjoint/core";
import type { Displayed } from "./functions.js";
import { type Naming, Renderer } from "./render.js";

export type Symbol = ReturnType<Naming> & object;

export interface Local {
  /** The line's expression; its leaves are stand-ins. */
  readonly expression: Node;
  /** The lines that it uses, in order. */
  readonly uses: readonly Node[];
}

export class Locals {
  readonly displayed: Displayed;
  readonly #lines: ReadonlySet<Node>;
  readonly #symbols: ReadonlyMap<Node, Symbol>;
  readonly #locals = new Map<Node, Local>();
  readonly #standIns = new Map<Node, Node>();
  /** What each stand-in stands for. */
  readonly #meant = new Map<Node, Node>();
  readonly #shown = new Map<Node, Symbol>();

  constructor(lines: ReadonlySet<Node>, symbols: ReadonlyMap<Node, Symbol>, displayed: Displayed) {
    this.#lines = lines;
    this.#symbols = symbols;
    this.displayed = displayed;
  }

  of(line: Node): Local {
    const known = this.#locals.get(line) ?? this.#make(line);
    this.#locals.set(line, known);
    return known;
  }

  /** The leaf in the place of a value, which it is written as. */
  standIn(value: Node, symbol: Symbol | undefined = this.#symbols.get(value)): Node {
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
    const resolved = new Map<Node, Node>(this.#meant);
    for (const [line, { expression }] of this.#locals) resolved.set(expression, line);
    for (const inner of reachable([node], new Set(resolved.keys()))) {
      const operands = inner.operands.map((operand) => resolved.get(operand) ?? operand);
      resolved.set(inner, withOperands(inner, operands));
    }
    return resolved.get(node) ?? node;
  }

  /** The same again with the ops of the graph alone. */
  plain(node: Node, expand = true): Node {
    const plain = new Map<Node, Node>();
    for (const inner of reachable([node])) {
      const operands = inner.operands.map((operand) => plain.get(operand) ?? operand);
      plain.set(inner, this.displayed.plain(inner, operands, expand));
    }
    return plain.get(node) ?? node;
  }

  /** Writes nodes over stand-ins; `extra` names more of them. */
  renderer(extra: ReadonlyMap<Node, Symbol> = new Map()): Renderer {
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
