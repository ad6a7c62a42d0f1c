/**
 * Golden files: `test/golden/<pass>/*.ir` holds a graph and the text of the stage after that pass. `BLESS=1 npm test`
 * writes the expected halves again. Every file also proves that the pass keeps the numbers.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Graph, interpret, parseGraph, printGraph, sameGraph } from "@adjoint/core";
import { compile, pipeline, printStage, reference, runPasses } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { expectClose, feedsFor } from "./numbers.js";

const folder = fileURLToPath(new URL(".", import.meta.url));
const separator = "\n==>\n";
const { target } = reference();

const passes = [...new Set(pipeline.map(({ name }) => name))];

function filesOf(pass: string): string[] {
  return readdirSync(`${folder}${pass}`).filter((file) => file.endsWith(".ir"));
}

/** The header says what the file shows; the graph follows it. */
function read(path: string): { readonly header: string; readonly graph: Graph; readonly expected: string } {
  const [input = "", expected = ""] = readFileSync(path, "utf8").split(separator);
  const start = input.indexOf("graph {");
  return { header: input.slice(0, start), graph: parseGraph(input.slice(start)), expected };
}

describe.each(passes)("%s", (pass) => {
  it("has golden files", () => {
    expect(filesOf(pass)).not.toEqual([]);
  });

  it.each(filesOf(pass))("%s prints as expected", (file) => {
    const path = `${folder}${pass}/${file}`;
    const { header, graph, expected } = read(path);
    expect(header).toMatch(/^; \S.*\n$/);
    const actual = printStage(runPasses(graph, { target, until: pass, verify: true }));
    if (process.env["BLESS"] === "1")
      writeFileSync(path, `${header}${printGraph(graph)}${separator}${actual}`);
    else expect(actual).toBe(expected);
  });

  it.each(filesOf(pass))("%s keeps the numbers", async (file) => {
    const { graph } = read(`${folder}${pass}/${file}`);
    const feeds = feedsFor(graph);
    const truth = interpret(graph, feeds);
    const stage = runPasses(graph, { target, until: pass });
    if (stage.kind === "graph") {
      const text = printGraph(stage.graph);
      expect(printGraph(parseGraph(text))).toBe(text);
      expect(sameGraph(parseGraph(text), stage.graph)).toBe(true);
      const after = interpret(stage.graph, feeds);
      for (const name of Object.keys(graph.outputs))
        expectClose(after.outputs[name], truth.outputs[name], 1e-12);
      for (const [name, value] of truth.updates) expectClose(after.updates.get(name), value, 1e-12);
      return;
    }
    const session = await compile(graph, { backend: reference(), verify: true });
    const outputs = await session.run(feeds);
    for (const name of Object.keys(graph.outputs))
      expectClose(outputs[name]?.data, truth.outputs[name], 1e-6);
    for (const [name, value] of truth.updates) expectClose((await session.read(name)).data, value, 1e-6);
  });
});
