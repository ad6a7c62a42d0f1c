// The JSON form: that it reads back as the graph it was, and how it refuses what is not a graph.

import {
  AdjointError,
  add,
  catalogue,
  type Graph,
  type GraphJson,
  graph,
  graphFromJson,
  graphToJson,
  input,
  label,
  mul,
  NameError,
  ParseError,
  parameter,
  sameGraph,
  verifyGraph,
} from "@adjoint/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../random/graphs.js";
import { hard, network, probe } from "./programs.js";

const reread = (text: string): Graph => graphFromJson(JSON.parse(text), { ops: [probe] });

function expectRoundTrip(original: Graph): void {
  const text = JSON.stringify(graphToJson(original));
  const read = reread(text);
  verifyGraph(read);
  expect(sameGraph(read, original)).toBe(true);
  expect(JSON.stringify(graphToJson(read))).toBe(text);
  expect(read.nodes.map((node) => node.label)).toEqual(original.nodes.map((node) => node.label));
}

function small(): GraphJson {
  const x = input("x", [2]);
  const w = parameter("w", [2], { kind: "normal", mean: 0, std: -0, seed: 3 });
  const y = label(add(mul(x, Number.NaN), w), "why");
  return graphToJson(graph({ outputs: { y }, updates: [{ parameter: w, value: y }] }));
}

test("is plain data with everything in it", () => {
  expect(small()).toEqual({
    format: "adjoint.graph",
    version: 1,
    nodes: [
      {
        name: "x",
        op: "input",
        operands: [],
        attributes: { name: "x", dtype: "float32", shape: [2] },
        dtype: "float32",
        shape: [2],
        label: "x",
      },
      {
        name: "constant_1",
        op: "constant",
        operands: [],
        attributes: { values: ["NaN"], dtype: "float32", shape: [] },
        dtype: "float32",
        shape: [],
      },
      {
        name: "mul_1",
        op: "mul",
        operands: ["x", "constant_1"],
        attributes: {},
        dtype: "float32",
        shape: [2],
      },
      {
        name: "w",
        op: "parameter",
        operands: [],
        attributes: {
          name: "w",
          dtype: "float32",
          shape: [2],
          initializer: { kind: "normal", mean: 0, std: "-0", seed: 3 },
          state: false,
        },
        dtype: "float32",
        shape: [2],
        label: "w",
      },
      {
        name: "why",
        op: "add",
        operands: ["mul_1", "w"],
        attributes: {},
        dtype: "float32",
        shape: [2],
        label: "why",
      },
    ],
    outputs: { y: "why" },
    updates: [{ parameter: "w", value: "why" }],
  });
});

describe("reads back as the same graph and writes the same bytes", () => {
  test("a network, with derivative orders", () => {
    const json = graphToJson(network());
    const adjoint = json.nodes.filter(({ derivativeOrder }) => derivativeOrder === 1);
    expect(adjoint.map(({ name }) => name)).toEqual(["constant_5", "mul_4", "next velocity", "sub_2"]);
    expectRoundTrip(network());
  });

  test("values, strings and names that are hard to write", () => expectRoundTrip(hard()));

  test("a label that is not the name", () => {
    const x = input("x", [2]);
    const original = graph({
      outputs: { y: label(add(label(mul(x, 2), "z"), label(mul(x, 3), "z")), "add_1") },
    });
    expectRoundTrip(original);
    expect(reread(JSON.stringify(graphToJson(original))).node("z_1").label).toBe("z");
  });

  test("random graphs", () => {
    fc.assert(fc.property(randomGraph(), expectRoundTrip), { numRuns: 500 });
  });
});

test("ignores fields that it does not know", () => {
  const json = small();
  const more = {
    ...json,
    comment: "new",
    nodes: json.nodes.map((node) => ({ ...node, color: "red" })),
    updates: json.updates.map((update) => ({ ...update, when: 1 })),
  };
  expect(graphToJson(graphFromJson(more))).toEqual(json);
});

test("refuses what JSON cannot hold", () => {
  for (const value of [undefined, 7n, Symbol("a"), () => 0]) {
    expect(() => graphFromJson(value)).toThrow(ParseError);
    expect(() => graphFromJson({ ...small(), outputs: { y: value } })).toThrow(ParseError);
  }
});

test("refuses two ops of one name, but takes an op of the catalogue again", () => {
  expect(() => graphFromJson(small(), { ops: [{ ...probe, name: "add" }] })).toThrow(NameError);
  expect(() => graphFromJson(small(), { ops: [probe, { ...probe }] })).toThrow('Two ops are called "probe".');
  expect(() => graphFromJson(small(), { ops: [...catalogue.values()] })).not.toThrow();
});

describe("refuses, naming the entry:", () => {
  type Path = readonly (string | number)[];

  /** A deep copy with one entry replaced, or removed for undefined. */
  function replaced(value: unknown, path: Path, entry: unknown): unknown {
    const [key, ...rest] = path;
    if (key === undefined) return entry;
    if (Array.isArray(value))
      return value.map((old, index) => (index === key ? replaced(old, rest, entry) : old));
    if (typeof value !== "object" || value === null) return value;
    const entries = new Map<string, unknown>(Object.entries(value));
    entries.set(String(key), replaced(entries.get(String(key)), rest, entry));
    return Object.fromEntries([...entries].filter(([, kept]) => kept !== undefined));
  }

  test.each<[Path, unknown, string]>([
    [[], null, "graph: expected an object, found null"],
    [[], [], "graph: expected an object, found a list"],
    [[], 7, "graph: expected an object, found 7"],
    [["format"], "onnx", 'format: expected "adjoint.graph", found "onnx"'],
    [["format"], undefined, 'format: expected "adjoint.graph", found nothing'],
    [["version"], 2, "version: version 2 is newer than 1, the newest this can read; update @adjoint/core"],
    [["version"], 0, "version: expected version 1, found 0"],
    [["version"], "1", 'version: expected an integer, found "1"'],
    [["nodes"], {}, "nodes: expected a list, found an object"],
    [["nodes", 2], null, "nodes[2]: expected an object, found null"],
    [["nodes", 2, "name"], 3, "nodes[2].name: expected a string, found 3"],
    [["nodes", 2, "name"], "x", 'nodes[2].name: a node before this is called "x" too'],
    [["nodes", 0, "name"], "X", 'nodes[0].name: the name of this input must be "x"'],
    [["nodes", 0, "attributes", "name"], "a b", 'nodes[0]: "a b" is not a name'],
    [
      ["nodes", 2, "op"],
      "frobnicate",
      'nodes[2].op: there is no op "frobnicate"; pass your own ops as { ops: [...] }',
    ],
    [["nodes", 2, "operands"], "x", 'nodes[2].operands: expected a list, found "x"'],
    [["nodes", 2, "operands", 1], 1, "nodes[2].operands[1]: expected a string, found 1"],
    [["nodes", 2, "operands", 1], "why", 'nodes[2].operands[1]: no node before this is called "why"'],
    [["nodes", 2, "operands"], ["x"], "nodes[2]: mul(x: float32[2]): expected 2 operands"],
    [["nodes", 2, "attributes"], null, "nodes[2].attributes: expected an object, found null"],
    [
      ["nodes", 2, "attributes"],
      { axis: 1 },
      'nodes[2].attributes: expected attributes of mul (none), found "axis"',
    ],
    [
      ["nodes", 1, "attributes", "values", 0],
      "nan",
      'nodes[1].attributes.values[0]: expected a number, "NaN"',
    ],
    [["nodes", 1, "attributes", "dtype"], "float8", "nodes[1].attributes.dtype: expected a dtype (float32"],
    [
      ["nodes", 1, "attributes", "shape"],
      [1.5],
      "nodes[1].attributes.shape[0]: expected an integer, found 1.5",
    ],
    [
      ["nodes", 1, "attributes", "shape"],
      undefined,
      "nodes[1]: constant(): attribute shape (integers) is missing",
    ],
    [
      ["nodes", 3, "attributes", "initializer"],
      0,
      "nodes[3].attributes.initializer: expected an object, found 0",
    ],
    [
      ["nodes", 3, "attributes", "initializer", "seed"],
      undefined,
      "nodes[3].attributes.initializer: expected an initializer",
    ],
    [
      ["nodes", 3, "attributes", "initializer", "std"],
      "0",
      'nodes[3].attributes.initializer.std: expected a number, "NaN"',
    ],
    [
      ["nodes", 3, "attributes", "initializer"],
      { kind: "values", values: [1] },
      "nodes[3]: 1 initial values do not fill shape [2]",
    ],
    [["nodes", 3, "attributes", "state"], 1, "nodes[3].attributes.state: expected true or false, found 1"],
    [["nodes", 2, "dtype"], "int32", "nodes[2].dtype: the type is float32[2], not int32[2]"],
    [["nodes", 2, "shape"], [1, 2], "nodes[2].shape: the type is float32[2], not float32[1, 2]"],
    [["nodes", 2, "shape"], [-2], "nodes[2].shape: the type is float32[2], not float32[-2]"],
    [["nodes", 4, "label"], 1, "nodes[4].label: expected a string, found 1"],
    [
      ["nodes", 4, "derivativeOrder"],
      -1,
      "nodes[4].derivativeOrder: expected a derivative order of at least 0, found -1",
    ],
    [["outputs"], [], "outputs: expected an object, found a list"],
    [["outputs", "y"], "gone", 'outputs["y"]: no node before this is called "gone"'],
    [["updates"], undefined, "updates: expected a list, found nothing"],
    [
      ["updates", 0, "parameter"],
      "x",
      "updates[0]: Only parameters can be updated, not x = input(): float32[2].",
    ],
    [["updates", 0, "value"], 5, "updates[0].value: expected a string, found 5"],
    [
      ["updates", 0, "value"],
      "constant_1",
      "updates[0]: The update of w = parameter(): float32[2] must be float32[2], not",
    ],
    [
      ["updates"],
      [...small().updates, ...small().updates],
      "updates[1]: w = parameter(): float32[2] is updated twice.",
    ],
  ])("%j := %j", (path, entry, message) => {
    const read = () => graphFromJson(replaced(small(), path, entry));
    expect(read).toThrow(ParseError);
    expect(read).toThrow(message);
    expect(addressOf(read)).toBe(message.slice(0, message.indexOf(":")));
  });

  function addressOf(read: () => unknown): string | undefined {
    try {
      read();
    } catch (error) {
      if (error instanceof AdjointError) return error.address;
    }
    return undefined;
  }
});
