/** Draws a picture as a Mermaid flowchart, for pages that render it themselves. */

import type { Graph } from "@adjoint/core";
import { colorOf } from "./color.js";
import { type DrawOptions, type Mark, pictureOf } from "./picture.js";

const brackets = {
  variable: ["[", "]"],
  operator: ["((", "))"],
  constant: ["([", "])"],
} as const satisfies Record<Mark["kind"], readonly [string, string]>;

/** The drawing of a graph as a Mermaid flowchart. */
export function drawMermaid(graph: Graph, options: DrawOptions = {}): string {
  const { marks, arrows } = pictureOf(graph, options);
  const ids = new Map(marks.map(({ id }, position) => [id, `n${position}`]));
  const orders = [...new Set(marks.map(({ order }) => order))].sort((a, b) => a - b);
  return [
    `flowchart ${options.direction === "up" ? "BT" : "LR"}`,
    ...marks.map((mark) => {
      const [open, close] = brackets[mark.kind];
      return `  ${ids.get(mark.id) ?? ""}${open}"${escaped(mark.text)}"${close}:::${classOf(mark)}`;
    }),
    ...arrows.map(({ from, to, text, reuse }) => {
      const line = reuse ? "-.->" : "-->";
      return `  ${ids.get(from) ?? ""} ${line}${text === "" ? "" : `|"${escaped(text)}"|`} ${ids.get(to) ?? ""}`;
    }),
    ...orders.flatMap((order) => {
      const { line, fill } = colorOf(order);
      return [
        `  classDef order${order} fill:#fff,stroke:${line},color:${line}`,
        `  classDef parameter${order} fill:${fill},stroke:${line},color:${line}`,
        `  classDef retained${order} fill:#fff3c4,stroke:${line},color:${line},stroke-width:3px`,
      ];
    }),
    "",
  ].join("\n");
}

function classOf({ order, retained, parameter }: Mark): string {
  return `${retained ? "retained" : parameter ? "parameter" : "order"}${order}`;
}

/** Mermaid's own escapes: a number sign, a code and a semicolon. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&\\`\n\r]/g, (character) => `#${character.codePointAt(0) ?? 32};`);
}
