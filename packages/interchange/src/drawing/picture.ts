/**
 * A graph as a picture in the textbook's style, before it is drawn: variables and operators, and what flows between them.
 * Source: Zhang et al., "Dive into Deep Learning", figure 5.3.1. It refuses to know any drawing language.
 */

import type { Graph, Node } from "@adjoint/core";
import { type DeriveOptions, withAdjoints } from "../equations/derive.js";
import { glyphOf } from "./glyph.js";
import { readable } from "./name.js";
import { tidy } from "./tidy.js";

export interface DrawOptions {
  /** Draw the derivatives of an output as well, each under its name. */
  readonly derivatives?: boolean | Pick<DeriveOptions, "of" | "wrt">;
  /** Also what only moves elements, such as `reshape` and `broadcastTo`. */
  readonly movement?: boolean;
  /** Where forward values flow; right when absent. */
  readonly direction?: "right" | "up";
  /** Sizes beside what flows; true when absent. */
  readonly shapes?: boolean;
}

export interface Mark {
  readonly id: string;
  readonly kind: "variable" | "operator" | "constant";
  readonly text: string;
  /** 0 for what was declared, 1 for adjoints, and so on. */
  readonly order: number;
  /** Whether parameters are stored here: drawn filled. */
  readonly parameter: boolean;
  /** Whether a derivative uses it, so that it must be remembered. */
  readonly retained: boolean;
  /** The mark that this is the derivative by. */
  readonly beside: string | undefined;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly order: number;
  /** From a value of a lower order of derivative: a retained value that is used again. */
  readonly reuse: boolean;
}

export interface Picture {
  readonly marks: readonly Mark[];
  readonly arrows: readonly Arrow[];
}

const movement = new Set(["reshape", "broadcastTo", "copy", "cast", "stopGradient"]);

export function pictureOf(graph: Graph, options: DrawOptions = {}): Picture {
  const { derivatives = false, shapes = true } = options;
  const drawn =
    derivatives === false ? graph : tidy(withAdjoints(graph, derivatives === true ? {} : derivatives));
  const outputs = new Set<Node>(Object.values<Node>(drawn.outputs));
  const isVariable = (node: Node): boolean =>
    node.label !== undefined || outputs.has(node) || (node.operands.length === 0 && !isNumber(node));
  const moves = (node: Node): boolean => options.movement !== true && movement.has(node.op.name);
  const skipped = (node: Node): boolean => moves(node) && !isVariable(node);
  const source = (node: Node): Node => {
    const passed = skipped(node) ? node.operands[0] : wrappedIndex(node);
    return passed === undefined ? node : source(passed);
  };
  const needed = new Set<Node>([...outputs, ...drawn.updates.map(({ value }) => value)].map(source));
  for (const node of [...drawn.nodes].reverse()) {
    if (needed.has(node)) for (const operand of node.operands) needed.add(source(operand));
  }
  const nodes = drawn.nodes.filter((node) => needed.has(node));
  const used = new Map<Node, number>();
  for (const node of nodes) {
    for (const operand of node.operands.map(source)) {
      used.set(operand, Math.max(used.get(operand) ?? 0, node.derivativeOrder));
    }
  }
  const marks: Mark[] = [];
  const arrows: Arrow[] = [];
  const byName = new Set(nodes.map((node) => drawn.nameOf(node)));
  const flow = (text: string): string => (shapes ? text : "");
  for (const node of nodes) {
    if (isNumber(node) && node.label === undefined) continue;
    const name = drawn.nameOf(node);
    const common = {
      order: node.derivativeOrder,
      retained: node.operands.length > 0 && (used.get(node) ?? 0) > node.derivativeOrder,
      parameter: node.op.name === "parameter",
    };
    const variable = isVariable(node);
    const direct = variable && moves(node);
    const operator = variable && !direct ? `${name} =` : name;
    if (node.operands.length > 0 && !direct) {
      const kind = "operator";
      marks.push({
        ...common,
        id: operator,
        kind,
        text: glyphOf(node.op.name),
        retained: common.retained && !variable,
        beside: undefined,
      });
    }
    if (variable) {
      const below = /^∂[^/]*\/∂(.*)$/.exec(name)?.[1];
      const beside = below !== undefined && byName.has(below) ? below : undefined;
      const symbol = node.operands.length === 0 && node.label === undefined ? node.op.name : readable(name);
      const text = isNumber(node) ? `${symbol} = ${numberOf(node)}` : symbol;
      marks.push({ ...common, id: name, kind: "variable", text, beside });
      if (node.operands.length > 0 && !direct)
        arrows.push({ from: operator, to: name, text: flow(sizes(node)), order: common.order, reuse: false });
    }
    for (const [position, operand] of node.operands.map(source).entries()) {
      const order = common.order;
      if (isNumber(operand) && operand.label === undefined) {
        const id = `${operator} ${position}`;
        marks.push({
          id,
          kind: "constant",
          text: numberOf(operand),
          order,
          retained: false,
          parameter: false,
          beside: undefined,
        });
        arrows.push({ from: id, to: operator, text: "", order, reuse: false });
        continue;
      }
      const announced = operand.operands.length > 0 && isVariable(operand);
      const text = announced ? "" : flow(sizes(operand));
      arrows.push({
        from: drawn.nameOf(operand),
        to: operator,
        text,
        order,
        reuse: operand.derivativeOrder < order,
      });
    }
  }
  return { marks, arrows };
}

/** The index that `where(i < 0, i + n, i)` is for one that does not count from the end. */
function wrappedIndex({ op, operands: [test, wrapped, index] }: Node): Node | undefined {
  const isWrap = op.name === "where" && test?.op.name === "less" && wrapped?.op.name === "add";
  return isWrap && index !== undefined && test.operands[0] === index && wrapped.operands[0] === index
    ? index
    : undefined;
}

function isNumber(node: Node): boolean {
  const { values } = node.attributes;
  return node.op.name === "constant" && Array.isArray(values) && values.length === 1;
}

function numberOf(node: Node): string {
  const { values } = node.attributes;
  const value = Array.isArray(values) ? Number(values[0]) : Number.NaN;
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

function sizes({ shape }: Node): string {
  return shape.join("×");
}
