/** Turns the nodes of a graph into marks and arrows. It refuses to know scopes as boxes, or any drawing language. */

import type { Graph, Node } from "@adjoint/core";
import { differentiatedBy, Scopes } from "../scope.js";
import { type Flow, flowOf, isNumber } from "./flow.js";
import { glyphOf } from "./glyph.js";
import { type Heading, headingsOf } from "./heading.js";
import { readable } from "./name.js";
import type { Arrow, DrawOptions, Keeping, Mark, Picture } from "./picture.js";

/** The whole graph as a picture; `again` are nodes that are evaluated again rather than kept, known by themselves or their labels. */
export function paint(graph: Graph, again: ReadonlySet<Node>, options: DrawOptions): Picture {
  return new Painter(graph, again, options).picture();
}

class Painter {
  readonly #graph: Graph;
  readonly #options: DrawOptions;
  readonly #scopes: Scopes;
  readonly #names: ReadonlySet<string>;
  readonly #again: ReadonlySet<Node | string>;
  readonly #headings: ReadonlyMap<Node, Heading>;
  readonly #flow: Flow;
  readonly #marks: Mark[] = [];
  readonly #arrows: Arrow[] = [];

  constructor(graph: Graph, again: ReadonlySet<Node>, options: DrawOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#scopes = new Scopes(graph);
    this.#names = new Set(graph.nodes.map((node) => graph.nameOf(node)));
    this.#again = new Set(
      [...again].flatMap((node) => (node.label === undefined ? [node] : [node, node.label])),
    );
    this.#headings = headingsOf(graph);
    this.#flow = flowOf(graph, options.movement === true);
  }

  picture(): Picture {
    for (const node of this.#flow.nodes) if (!isNumber(node) || node.label !== undefined) this.#draw(node);
    return { marks: this.#marks, arrows: this.#arrows };
  }

  #draw(node: Node): void {
    const variable = this.#flow.isVariable(node);
    const name = this.#graph.nameOf(node);
    const isOperator = node.operands.length > 0 && !this.#flow.isDirect(node);
    const target = isOperator && variable ? `${name} =` : name;
    const keeping = this.#keeping(node);
    const place = { order: node.derivativeOrder, scope: this.#scopes.of(node) };
    const operands = node.operands.map((operand) => ({ operand, from: this.#flow.source(operand) }));
    const folded = isOperator
      ? foldedNumber(
          node,
          operands.map(({ from }) => from),
        )
      : undefined;
    if (isOperator) {
      const glyph = glyphOf(node.op.name);
      const text = folded === undefined ? glyph : withNumber(glyph, numberOf(folded.number), folded.position);
      const own = variable ? undefined : keeping;
      this.#marks.push({ ...place, id: target, kind: "operator", text, keeping: own });
    }
    if (variable) {
      const below = differentiatedBy(name);
      const beside = below !== undefined && this.#names.has(below) ? { beside: below } : {};
      const parameter = node.op.name === "parameter";
      this.#marks.push({
        ...place,
        id: name,
        kind: "variable",
        text: this.#text(node),
        parameter,
        keeping,
        ...beside,
      });
      if (isOperator) this.#arrow(node, target, name, this.#sizes(node));
    }
    for (const [position, { operand, from }] of operands.entries()) {
      if (position === folded?.position) continue;
      if (isNumber(from) && from.label === undefined) {
        const id = `${target} ${position}`;
        this.#marks.push({ ...place, id, kind: "constant", text: numberOf(from) });
        this.#arrow(node, id, target, "");
        continue;
      }
      const announced = from.operands.length > 0 && this.#flow.isVariable(from);
      const turned = this.#flow.isTransposed(operand) && this.#options.shapes !== false ? "⊤ " : "";
      const text = announced && turned === "" ? "" : `${turned}${this.#sizes(operand)}`;
      this.#arrow(node, this.#graph.nameOf(from), target, text, from);
    }
  }

  /** An arrow for a node, from another's value or from one of its own marks. */
  #arrow(node: Node, from: string, to: string, text: string, source: Node = node): void {
    const { derivativeOrder: order } = node;
    const heading = this.#headings.get(node) ?? 1;
    const reuse = source.derivativeOrder < order;
    const turns = (this.#headings.get(source) ?? 1) !== heading;
    this.#arrows.push({ from, to, text, order, reuse, heading: reuse || turns ? 0 : heading });
  }

  #keeping(node: Node): Keeping | undefined {
    if (this.#again.has(node) || this.#again.has(node.label ?? "")) return "recomputed";
    return this.#flow.isReadByDerivatives(node) ? "retained" : undefined;
  }

  #text(node: Node): string {
    const leaf = node.operands.length === 0 && node.label === undefined;
    const symbol = leaf ? node.op.name : readable(this.#scopes.nameOf(node));
    return isNumber(node) ? `${symbol} = ${numberOf(node)}` : symbol;
  }

  #sizes({ shape }: Node): string {
    return this.#options.shapes === false ? "" : shape.join("×");
  }
}

/** The number that an op of two operands has as one of them: written with the op. */
function foldedNumber(
  { op }: Node,
  sources: readonly Node[],
): { readonly number: Node; readonly position: number } | undefined {
  const isPlain = (source: Node): boolean => isNumber(source) && source.label === undefined;
  const position = sources.findIndex(isPlain);
  const number = sources[position];
  return sources.length === 2 && op.operands.length === 2 && number !== undefined && !sources.every(isPlain)
    ? { number, position }
    : undefined;
}

function withNumber(glyph: string, number: string, position: number): string {
  const between = glyph === "⊙" ? "·" : glyph;
  return position === 0 ? `${number} ${between}` : `${between} ${number}`;
}

function numberOf(node: Node): string {
  const { values } = node.attributes;
  const value = Array.isArray(values) ? Number(values[0]) : Number.NaN;
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
