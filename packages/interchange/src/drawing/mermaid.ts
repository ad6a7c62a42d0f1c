/** Draws a picture as a Mermaid flowchart, for pages that render it themselves. */

import type { Graph } from "@adjoint/core";
import { colorOf, keepingColors } from "./color.js";
import { type DrawOptions, type Mark, pictureOf } from "./picture.js";
import { nested, type Region } from "./region.js";

const brackets = {
  variable: ["[", "]"],
  operator: ["((", "))"],
  constant: ["([", "])"],
  block: ["[[", "]]"],
} as const satisfies Record<Mark["kind"], readonly [string, string]>;

/** The drawing of a graph as a Mermaid flowchart. */
export function drawMermaid(graph: Graph, options: DrawOptions = {}): string {
  const { marks, arrows } = pictureOf(graph, options);
  const ids = new Map(marks.map(({ id }, position) => [id, `n${position}`]));
  const orders = [...new Set(marks.map(({ order }) => order))].sort((a, b) => a - b);
  return [
    `flowchart ${options.direction === "up" ? "BT" : "LR"}`,
    ...region(nested(marks), ids, "  "),
    ...arrows.map(({ from, to, text, reuse }) => {
      const line = reuse ? "-.->" : "-->";
      return `  ${ids.get(from) ?? ""} ${line}${text === "" ? "" : `|"${escaped(text)}"|`} ${ids.get(to) ?? ""}`;
    }),
    ...orders.flatMap((order) => {
      const { line, fill } = colorOf(order);
      const { retained, recomputed } = keepingColors;
      return [
        `  classDef order${order} fill:#fff,stroke:${line},color:${line}`,
        `  classDef parameter${order} fill:${fill},stroke:${line},color:${line}`,
        `  classDef retained${order} fill:${retained},stroke:${line},color:${line},stroke-width:3px`,
        `  classDef recomputed${order} fill:${recomputed},stroke:${line},color:${line},stroke-dasharray:4`,
      ];
    }),
    "",
  ].join("\n");
}

function region({ scope, marks, inner }: Region, ids: ReadonlyMap<string, string>, indent: string): string[] {
  const content = [
    ...marks.map((mark) => {
      const [open, close] = brackets[mark.kind];
      const text = [mark.text, ...(mark.details ?? [])].map(escaped).join("<br>");
      return `${indent}${ids.get(mark.id) ?? ""}${open}"${text}"${close}:::${classOf(mark)}`;
    }),
    ...inner.flatMap((each) => region(each, ids, scope === "" ? indent : `${indent}  `)),
  ];
  if (scope === "") return content;
  const title = escaped(scope.slice(scope.lastIndexOf(".") + 1));
  return [`${indent}subgraph ${scope.replaceAll(".", "_")}["${title}"]`, ...content, `${indent}end`];
}

function classOf({ order, keeping, parameter }: Mark): string {
  return `${keeping ?? (parameter ? "parameter" : "order")}${order}`;
}

/** Mermaid's own escapes: a number sign, a code and a semicolon. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&\\`\n\r]/g, (character) => `#${character.codePointAt(0) ?? 32};`);
}
