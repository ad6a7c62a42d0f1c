/** Draws a picture in Graphviz's DOT language: data flows right or up, derivatives back. It refuses to place anything itself. */

import type { Graph } from "@adjoint/core";
import { colorOf } from "./color.js";
import { type Arrow, type DrawOptions, type Mark, pictureOf } from "./picture.js";

/** The drawing of a graph as DOT. */
export function draw(graph: Graph, options: DrawOptions = {}): string {
  const { marks, arrows } = pictureOf(graph, options);
  const pairs = marks.flatMap(({ id, beside }) =>
    beside === undefined ? [] : [`  { rank=same; ${quoted(beside)}; ${quoted(id)}; }`],
  );
  return [
    "digraph {",
    `  graph [rankdir=${options.direction === "up" ? "BT" : "LR"}, ranksep=0.35, nodesep=0.25, bgcolor="white", fontname="Times"];`,
    '  node [fontname="Times", fontsize=16, margin="0.08,0.04"];',
    '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.6, fontcolor="#666666"];',
    ...marks.map(mark),
    ...pairs,
    ...arrows.map(arrow),
    "}",
    "",
  ].join("\n");
}

const shapes = {
  variable: 'shape=box, height=0.4, width=0.4, margin="0.12,0.04", fontname="Times-Italic"',
  operator: "shape=circle, height=0.32, width=0.32, margin=0.02, fontsize=13",
  constant: "shape=plaintext, height=0.2, width=0.2, fontsize=12",
} as const satisfies Record<Mark["kind"], string>;

/** Ops with long names stand in a pill: a circle around them would be too large. */
const pill = 'shape=box, style=rounded, height=0.3, width=0.3, margin="0.16,0.04", fontsize=13';

function mark(mark: Mark): string {
  const { id, kind, text, order, retained, parameter } = mark;
  const { line, fill } = colorOf(order);
  const isPill = kind === "operator" && text.length > 2;
  const shape = isPill ? pill : shapes[kind];
  const label = quoted(text);
  const style = isPill
    ? ""
    : parameter || retained
      ? `, style=filled, fillcolor=${quoted(retained ? retainedFill : fill)}`
      : "";
  const filled = isPill && retained ? `, style="rounded,filled", fillcolor=${quoted(retainedFill)}` : "";
  const border = retained ? ", peripheries=2" : "";
  return `  ${quoted(id)} [label=${label}, ${shape}${style}${filled}${border}, color=${quoted(line)}, fontcolor=${quoted(line)}];`;
}

const retainedFill = "#fff3c4";

function arrow({ from, to, text, order, reuse }: Arrow): string {
  const { line } = colorOf(order);
  const label = text === "" ? "" : `, label=${quoted(text)}`;
  if (reuse) return `  ${quoted(from)} -> ${quoted(to)} [color="#b8860b", style=dashed, constraint=false];`;
  // Derivatives flow against the ranks.
  return order % 2 === 0
    ? `  ${quoted(from)} -> ${quoted(to)} [color=${quoted(line)}${label}];`
    : `  ${quoted(to)} -> ${quoted(from)} [dir=back, color=${quoted(line)}${label}];`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll(/[\n\r]+/g, " ")}"`;
}
