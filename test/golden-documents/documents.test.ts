/**
 * Golden documents of the textbook's network, with and without a bias: text, JSON, equations and drawings. `BLESS=1 npm test`
 * writes them again. Graph JSON is in `.graph` files, out of the formatter's reach. What a bias changes can be seen with `diff`.
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Graph, graphFromJson, graphToJson, parseGraph, printGraph, sameGraph } from "@adjoint/core";
import {
  derive,
  draw,
  drawMermaid,
  equationsToLatex,
  equationsToMarkdown,
  latexToMathml,
  toGexf,
  toGraphml,
} from "@adjoint/interchange";
import { describe, expect, it } from "vitest";
import { textbook, withGradients } from "../interchange/networks.js";

const folder = fileURLToPath(new URL(".", import.meta.url));

const documents: Readonly<Record<string, (network: Graph) => string>> = {
  ir: (network) => printGraph(withGradients(network)),
  graph: (network) => `${JSON.stringify(graphToJson(withGradients(network)), undefined, 1)}\n`,
  tex: (network) => `${equationsToLatex(derive(network))}\n`,
  "steps.tex": (network) => `${equationsToLatex(derive(network, { steps: true, hessian: true }))}\n`,
  md: (network) => equationsToMarkdown(derive(network, { functions: { tanh: "\\phi" } })),
  dot: (network) => draw(network, { derivatives: true }),
  "forward.dot": (network) => draw(network),
  mmd: (network) => drawMermaid(network, { derivatives: true }),
  graphml: toGraphml,
  gexf: toGexf,
};

const networks = {
  textbook: textbook(),
  "textbook-bias": textbook({ bias: true }),
  "textbook-column": textbook({ column: true }),
} as const satisfies Readonly<Record<string, Graph>>;

describe.each(Object.entries(networks))("%s", (name, network) => {
  it.each(Object.entries(documents))("%s", (extension, write) => {
    const path = `${folder}${name}.${extension}`;
    const actual = write(network);
    if (process.env["BLESS"] === "1") writeFileSync(path, actual);
    else expect(actual).toBe(readFileSync(path, "utf8"));
  });

  it("has text and JSON that are read as the graph, and LaTeX that compiles", () => {
    const whole = withGradients(network);
    expect(sameGraph(parseGraph(readFileSync(`${folder}${name}.ir`, "utf8")), whole)).toBe(true);
    expect(sameGraph(graphFromJson(JSON.parse(readFileSync(`${folder}${name}.graph`, "utf8"))), whole)).toBe(
      true,
    );
    for (const file of ["tex", "steps.tex"]) {
      expect(latexToMathml(readFileSync(`${folder}${name}.${file}`, "utf8"))).toContain("<math");
    }
  });
});
