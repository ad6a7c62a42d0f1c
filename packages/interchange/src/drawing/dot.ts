/** Draws a picture in Graphviz's DOT language: data flows right or up, derivatives back. It refuses to place anything itself. */

import type { Graph } from "@adjoint/core";
import { colorOf, keepingColors } from "./color.js";
import { type Arrow, type DrawOptions, type Mark, type Picture, pictureOf } from "./picture.js";
import { nested, type Region } from "./region.js";

/** The drawing of a graph as DOT. */
export function draw(graph: Graph, options: DrawOptions = {}): string {
  return dotOf(pictureOf(graph, options), options.direction);
}

/** A picture as DOT. */
export function dotOf({ marks, arrows }: Picture, direction: DrawOptions["direction"] = "right"): string {
  return [
    "digraph {",
    `  graph [rankdir=${direction === "up" ? "BT" : "LR"}, ranksep=0.35, nodesep=0.25, bgcolor="white", fontname="Times"];`,
    '  node [fontname="Times", fontsize=16, margin="0.08,0.04"];',
    '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.6, fontcolor="#555555"];',
    ...region(nested(marks), "  "),
    ...arrows.map(arrow),
    "}",
    "",
  ].join("\n");
}

function region({ scope, marks, inner }: Region, indent: string): string[] {
  const ids = new Set(marks.map(({ id }) => id));
  const pairs = marks.flatMap(({ id, beside }) =>
    beside === undefined || !ids.has(beside)
      ? []
      : [`${indent}{ rank=same; ${quoted(beside)}; ${quoted(id)}; }`],
  );
  const content = [
    ...marks.map((each) => `${indent}${mark(each)}`),
    ...pairs,
    ...inner.flatMap((each) => region(each, scope === "" ? indent : `${indent}  `)),
  ];
  if (scope === "") return content;
  const name = `label=${quoted(scope.slice(scope.lastIndexOf(".") + 1))}`;
  const style =
    'style="rounded,dashed", color="#8a8a8a", fontcolor="#555555", fontname="Helvetica", fontsize=12';
  return [
    `${indent}subgraph ${quoted(`cluster ${scope}`)} {`,
    `${indent}${name}; ${style.replaceAll(", ", "; ")};`,
    ...content,
    `${indent}}`,
  ];
}

const shapes = {
  variable: 'shape=box, height=0.4, width=0.4, margin="0.14,0.04", fontname="Times-Italic"',
  operator: 'shape=circle, height=0.32, width=0.32, margin=0.02, fontname="Helvetica", fontsize=12',
  constant: "shape=plaintext, height=0.2, width=0.2, fontsize=12",
  block: 'shape=box3d, height=0.5, margin="0.2,0.1", fontname="Helvetica", fontsize=12',
} as const satisfies Record<Mark["kind"], string>;

/** Ops with long names stand in a pill: a circle around them would be too large. */
const pill = 'shape=box, height=0.3, width=0.3, margin="0.2,0.04", fontname="Helvetica", fontsize=12';

function mark({ id, kind, text, details = [], order, keeping, parameter }: Mark): string {
  const { line, fill } = colorOf(order);
  const isPill = kind === "operator" && text.length > 2;
  const filled = keeping !== undefined || parameter || kind === "block";
  const styles = [
    ...(isPill ? ["rounded"] : []),
    ...(filled ? ["filled"] : []),
    ...(keeping === "recomputed" ? ["dashed"] : []),
  ];
  const attributes = [
    `label=${quoted(keeping === "recomputed" ? `↻ ${text}` : text, ...details)}`,
    isPill ? pill : shapes[kind],
    ...(styles.length === 0 ? [] : [`style=${styles.length === 1 ? styles[0] : quoted(styles.join(","))}`]),
    ...(filled ? [`fillcolor=${quoted(keeping === undefined ? fill : keepingColors[keeping])}`] : []),
    ...(keeping === "retained" && kind !== "block" ? ["peripheries=2"] : []),
    `color=${quoted(line)}`,
    `fontcolor=${quoted(line)}`,
  ];
  return `${quoted(id)} [${attributes.join(", ")}];`;
}

function arrow({ from, to, text, order, reuse, heading }: Arrow): string {
  const attributes = [
    reuse ? 'color="#b8860b", style=dashed' : `color=${quoted(colorOf(order).line)}`,
    ...(text === "" || reuse ? [] : [`label=${quoted(text)}`]),
  ];
  // Ranks follow the forward values.
  return heading === -1
    ? `  ${quoted(to)} -> ${quoted(from)} [dir=back, ${attributes.join(", ")}];`
    : `  ${quoted(from)} -> ${quoted(to)} [${[...attributes, ...(heading === 0 ? ["constraint=false"] : [])].join(", ")}];`;
}

function quoted(...lines: readonly string[]): string {
  const written = lines.map((line) => line.replaceAll(/["\\]/g, "\\$&").replaceAll(/[\n\r]+/g, " "));
  return `"${written.join("\\n")}"`;
}
