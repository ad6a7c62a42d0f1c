/** Every case's graph, derivatives included, survives its text form and its JSON form, byte for byte, and its data survive safetensors. */

import { type Graph, graphFromJson, graphToJson, parseGraph, printGraph, sameGraph } from "@adjoint/core";
import { readSafetensors, type StorableNow, writeSafetensors } from "@adjoint/interchange/safetensors";
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
    const json = JSON.stringify(graphToJson(graph));
    const loaded = graphFromJson(JSON.parse(json));
    expect(sameGraph(loaded, graph)).toBe(true);
    expect(JSON.stringify(graphToJson(loaded))).toBe(json);
  });
});

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

describe("safetensors", () => {
  test.each(allCases())("%s", (name, item) => {
    const { inputs, operands } = instantiate(name, item);
    const tensors = inputs.map(({ dtype, shape }, i): [string, StorableNow] => [
      `x${i}`,
      { dtype, shape, data: arrays[dtype].from(operands[i]?.data ?? []) },
    ]);
    const bytes = writeSafetensors(tensors);
    const { tensors: found } = readSafetensors(bytes);
    expect(new Map(found)).toEqual(new Map(tensors));
    expect(Buffer.compare(writeSafetensors(found), bytes)).toBe(0);
  });
});
