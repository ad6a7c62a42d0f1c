/** The rules of compatibility in docs/documents.md: what a file of another release may hold, and what it may not. */

import { cpu } from "@adjoint/backend-cpu";
import {
  graph as freeze,
  type Graph,
  graphFromJson,
  graphToJson,
  normal,
  ParseError,
  parameter,
  sameGraph,
} from "@adjoint/core";
import { plan, planFromJson, planToJson } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { trainingGraph } from "../checkpoint/training.js";
import { lenet, textbook, transformer, withGradients } from "./networks.js";

const graphs: readonly (readonly [string, Graph])[] = [
  ["textbook", withGradients(textbook({ bias: true }))],
  ["lenet", withGradients(lenet())],
  ["transformer", withGradients(transformer())],
  ["training", trainingGraph()],
];

/** Fields under these are names of the user's, or what a node means. */
const meaningful = new Set(["attributes", "outputs", "initializer"]);

/** A copy in which every object has a field that this release does not know. */
function withLaterFields(value: unknown, closed: ReadonlySet<string> = meaningful): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => withLaterFields(entry, closed));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, entry]): [string, unknown] => [
    name,
    closed.has(name) && !Array.isArray(entry) ? entry : withLaterFields(entry, closed),
  ]);
  return Object.fromEntries([["later", { of: [1] }], ...entries]);
}

/** The same with every object's fields in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const order = new Set(["outputs"]);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, entry]): [string, unknown] => [name, order.has(name) ? entry : reversed(entry)])
      .reverse(),
  );
}

describe.each(graphs)("%s", (_, graph) => {
  const json: unknown = JSON.parse(JSON.stringify(graphToJson(graph)));

  it("is read with fields of later releases, in any order and layout, and written as ever", () => {
    for (const other of [
      withLaterFields(json),
      reversed(json),
      JSON.parse(JSON.stringify(json, undefined, 3)),
    ]) {
      const read = graphFromJson(other);
      expect(sameGraph(read, graph)).toBe(true);
      expect(JSON.stringify(graphToJson(read))).toBe(JSON.stringify(json));
    }
  });

  it("has a plan that is read likewise", () => {
    const text = planToJson(plan(graph, { target: cpu().target }));
    const later = withLaterFields(JSON.parse(text), new Set(["initializer"]));
    expect(planToJson(planFromJson(JSON.stringify(later)))).toBe(text);
    expect(planToJson(planFromJson(JSON.stringify(JSON.parse(text), undefined, 2)))).toBe(text);
  });
});

describe("what would be misunderstood is refused", () => {
  const small = graphToJson(freeze({ outputs: { a: parameter("a", [2], normal()) } }));
  const [node] = small.nodes;
  it.each([
    [
      "a later version",
      { ...small, version: 2 },
      "version: version 2 is newer than 1, the newest this can read; update @adjoint/core",
    ],
    [
      "an attribute",
      { ...small, nodes: [{ ...node, attributes: { ...node?.attributes, later: 1 } }] },
      "nodes[0].attributes: expected attributes of parameter",
    ],
    [
      "a field of an initial value",
      {
        ...small,
        nodes: [
          {
            ...node,
            attributes: {
              ...node?.attributes,
              initializer: { kind: "normal", mean: 0, std: 1, seed: 0, later: 1 },
            },
          },
        ],
      },
      'nodes[0].attributes.initializer: expected kind, mean, std, seed, found "later"',
    ],
    ["an op", { ...small, nodes: [{ ...node, op: "later" }] }, 'nodes[0].op: there is no op "later"'],
  ])("%s", (_, json, message) => {
    expect(() => graphFromJson(JSON.parse(JSON.stringify(json)))).toThrow(ParseError);
    expect(() => graphFromJson(JSON.parse(JSON.stringify(json)))).toThrow(message);
  });

  it("a plan of another version", () => {
    const text = planToJson(plan(trainingGraph(), { target: cpu().target }));
    const { version }: { version: number } = JSON.parse(text);
    expect(() => planFromJson(text.replace(`"version":${version}`, `"version":${version + 1}`))).toThrow(
      /^plan.version: /,
    );
  });
});
