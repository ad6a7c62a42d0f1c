/** Renders DOT as SVG through Graphviz in WebAssembly. It refuses to draw by itself. */

import type { Graph } from "@adjoint/core";
import { instance } from "@viz-js/viz";
import { draw } from "./dot.js";
import type { DrawOptions } from "./picture.js";

/** Draws graphs as SVG documents. */
export type Drawer = (graph: Graph, options?: DrawOptions) => string;

/** A drawer of its own Graphviz, for several drawings. */
export async function loadDrawer(): Promise<Drawer> {
  const viz = await instance();
  return (graph, options = {}) => viz.renderString(draw(graph, options), { format: "svg" });
}

/** The drawing of a graph as an SVG document. */
export async function drawSvg(graph: Graph, options: DrawOptions = {}): Promise<string> {
  const drawer = await loadDrawer();
  return drawer(graph, options);
}
