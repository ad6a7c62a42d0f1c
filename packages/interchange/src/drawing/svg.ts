/** Renders DOT as SVG through Graphviz in WebAssembly. It refuses to draw by itself. */

import type { Graph } from "@adjoint/core";
import { instance } from "@viz-js/viz";
import { draw } from "./dot.js";
import type { DrawOptions } from "./picture.js";

/** Renders DOT as an SVG document. */
export type Renderer = (dot: string) => string;

/** A Graphviz of its own, for several drawings. */
export async function loadRenderer(): Promise<Renderer> {
  const viz = await instance();
  return (dot) => viz.renderString(dot, { format: "svg" });
}

/** The drawing of a graph as an SVG document. */
export async function drawSvg(graph: Graph, options: DrawOptions = {}): Promise<string> {
  const render = await loadRenderer();
  return render(draw(graph, options));
}
