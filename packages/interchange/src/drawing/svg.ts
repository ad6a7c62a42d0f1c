/** Renders DOT as SVG through Graphviz in WebAssembly. It refuses to draw by itself. */

import type { Graph } from "@adjoint/core";
import { instance } from "@viz-js/viz";
import { draw } from "./dot.js";
import type { DrawOptions } from "./picture.js";

/** The drawing of a graph as an SVG document. */
export async function drawSvg(graph: Graph, options: DrawOptions = {}): Promise<string> {
  const viz = await instance();
  return viz.renderString(draw(graph, options), { format: "svg" });
}
