/** Every case's graph, derivatives included, survives its text form and its JSON form. */

import { type Graph, graphFromJson, graphToJson, parseGraph, printGraph, sameGraph } from "@adjoint/core";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases/case.js";
import { derivativesOf } from "./derivatives.js";
import { allCases, instantiate, isDifferentiated } from "./instance.js";

function graphOf(name: string, item: Case): Graph {
  const instance = instantiate(name, item);
  return derivativesOf(instance, isDifferentiated(instance) ? 2 : 0).graph;
}

describe("text and JSON", () => {
  test.each(allCases())("%s", (name, item) => {
    const graph = graphOf(name, item);
    const text = printGraph(graph);
    const parsed = parseGraph(text);
    expect(printGraph(parsed)).toBe(text);
    expect(sameGraph(parsed, graph)).toBe(true);
    const loaded = graphFromJson(JSON.parse(JSON.stringify(graphToJson(graph))));
    expect(sameGraph(loaded, graph)).toBe(true);
  });
});
