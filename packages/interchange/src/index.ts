/** `@adjoint/interchange`: documents of graphs, to read, draw, keep and convert. */

export * from "./checkpoint.js";
export * from "./document.js";
export { draw } from "./drawing/dot.js";
export { drawMermaid } from "./drawing/mermaid.js";
export type { DrawOptions } from "./drawing/picture.js";
export { drawSvg } from "./drawing/svg.js";
export type { DeriveOptions } from "./equations/derive.js";
export { derive, withAdjoints } from "./equations/derive.js";
export * from "./equations/document.js";
export type { Equation, EquationKind } from "./equations/equation.js";
export { latexToMathml } from "./equations/mathml.js";
export type { PlainEdge, PlainNode } from "./exchange/plain.js";
export { toGraphology } from "./exchange/plain.js";
export { toGexf, toGraphml } from "./exchange/xml.js";
export { foreignName, plannedGraph } from "./planned.js";
export type { ReportOptions } from "./report/report.js";
export { report } from "./report/report.js";
export * from "./safetensors.js";
export { Scopes } from "./scope.js";
