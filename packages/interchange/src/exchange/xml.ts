/** Writes graphs as XML for Gephi, yEd, Cytoscape and their like. It refuses to hold more than graphology's view. */

import type { Graph } from "@adjoint/core";
import { write } from "graphology-gexf";
import { toGraphology } from "./plain.js";

/** The graph in GEXF, through graphology's own writer. */
export function toGexf(graph: Graph): string {
  const plain = toGraphology(graph);
  for (const name of plain.nodes()) plain.mergeNodeAttributes(name, { label: printable(name) });
  return write(plain, { version: "1.2" });
}

const nodeKeys = {
  label: "string",
  op: "string",
  dtype: "string",
  extents: "string",
  derivativeOrder: "int",
  role: "string",
} as const;

/** The graph in GraphML, as graphology's own reader reads it (it has no writer). Source: http://graphml.graphdrawing.org. */
export function toGraphml(graph: Graph): string {
  const plain = toGraphology(graph);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...Object.entries(nodeKeys).map(
      ([name, type]) => `  <key id="${name}" for="node" attr.name="${name}" attr.type="${type}"/>`,
    ),
    '  <key id="position" for="edge" attr.name="position" attr.type="int"/>',
    '  <graph edgedefault="directed">',
  ];
  plain.forEachNode((name, attributes) => {
    const data = Object.entries(attributes).map(
      ([key, value]) => `<data key="${key}">${escaped(String(value))}</data>`,
    );
    lines.push(`    <node id="${escaped(name)}">${data.join("")}</node>`);
  });
  plain.forEachEdge((key, { position }, source, target) => {
    const ends = `source="${escaped(source)}" target="${escaped(target)}"`;
    lines.push(`    <edge id="${escaped(key)}" ${ends}><data key="position">${position}</data></edge>`);
  });
  return [...lines, "  </graph>", "</graphml>", ""].join("\n");
}

/** Text without the characters that XML cannot hold in any form. */
function printable(text: string): string {
  return text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return printable(text).replaceAll(
    /[&<>"\t\n\r]/g,
    (character) => entities[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
