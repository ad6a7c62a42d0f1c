// The text form: what it looks like, and that it reads back as the graph it was.

import {
  add,
  constant,
  type Graph,
  graph,
  graphFromJson,
  graphToJson,
  input,
  label,
  markDerivativeOrder,
  mul,
  parameter,
  parseGraph,
  printGraph,
  relu,
  sameGraph,
  sum,
  verifyGraph,
} from "@adjoint/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../random/graphs.js";
import { hard, network, probe } from "./programs.js";

function expectRoundTrip(original: Graph): void {
  const text = printGraph(original);
  const read = parseGraph(text, { ops: [probe] });
  verifyGraph(read);
  expect(printGraph(read)).toBe(text);
  expect(sameGraph(read, original)).toBe(true);
}

test("a network prints one readable line per node, output and update", () => {
  expect(printGraph(network())).toBe(`graph {
  input x: float32[4, 3]
  parameter W: float32[2, 3] = normal(mean: 0, std: 0.05, seed: 1)
  transpose_1 = transpose(W, permutation: [1, 0]): float32[3, 2]
  matmul_1 = matmul(x, transpose_1): float32[4, 2]
  o = relu(matmul_1): float32[4, 2]
  logSumExp_1 = logSumExp(o, axes: [1], keepDims: false): float32[4]
  iota_1 = iota(shape: [2], axis: 0, dtype: int32): int32[2]
  input y: int32[4]
  reshape_1 = reshape(y, shape: [4, 1]): int32[4, 1]
  equal_1 = equal(iota_1, reshape_1): bool[4, 2]
  constant_1 = 0: float32[]
  where_1 = where(equal_1, o, constant_1): float32[4, 2]
  sum_1 = sum(where_1, axes: [1], keepDims: false): float32[4]
  sub_1 = sub(logSumExp_1, sum_1): float32[4]
  sum_2 = sum(sub_1, axes: [0], keepDims: false): float32[]
  constant_2 = 0.25: float32[]
  mul_1 = mul(sum_2, constant_2): float32[]
  constant_3 = 0.5: float32[]
  square_1 = square(W): float32[2, 3]
  sum_3 = sum(square_1, axes: [0, 1], keepDims: false): float32[]
  mul_2 = mul(constant_3, sum_3): float32[]
  J = add(mul_1, mul_2): float32[]
  constant_4 = 0.9: float32[]
  state velocity: float32[2, 3] = 0
  mul_3 = mul(constant_4, velocity): float32[2, 3]
  constant_5 = 1e-7: float32[] @adjoint
  mul_4 = mul(W, constant_5): float32[2, 3] @adjoint
  "next velocity" = add(mul_3, mul_4): float32[2, 3] @adjoint
  sub_2 = sub(W, "next velocity"): float32[2, 3] @adjoint
  output J
  output o
  update velocity = "next velocity"
  update W = sub_2
}`);
});

describe("reads back as the same graph, which prints the same", () => {
  test("a network", () => expectRoundTrip(network()));

  test("values, strings and names that are hard to write", () => expectRoundTrip(hard()));

  test("nothing at all", () => {
    expect(printGraph(graph({ outputs: {} }))).toBe("graph {\n}");
    expectRoundTrip(graph({ outputs: {} }));
  });

  test("names with suffixes, and labels that look like names of other nodes", () => {
    const x = input("x", [2]);
    const named = (name: string, value: number) => label(add(x, value), name);
    const nodes = [
      named("h", 1),
      named("h", 2),
      add(x, 3),
      named("add_1", 4),
      named("add", 5),
      named("x", 6),
    ];
    const total = nodes.reduce((a, b) => mul(a, b));
    const original = graph({ outputs: { h: total, more: named("h_1", 7), add_2: add(x, 8) } });
    expect(nodes.map((node) => original.nameOf(node))).toEqual([
      "h",
      "h_1",
      "add_1",
      "add_1_1",
      "add",
      "x_1",
    ]);
    expectRoundTrip(original);
  });

  test.each([
    "0",
    "-0",
    "NaN",
    "[1, -Infinity]",
    "normal(mean: 0, std: 0.05, seed: 1)",
    "uniform(low: -1, high: 1e+300, seed: 4503599627370496)",
    "truncatedNormal(mean: 0, std: 1, low: -2, high: 2, seed: 3)",
    "scaledNormal(scale: 2, fanIn: 1, fanOut: 0, seed: 3)",
    "scaledUniform(scale: 1, fanIn: 0.5, fanOut: 0.5, seed: 3)",
    "orthogonal(gain: 1, seed: 0)",
  ])("an initial value %s", (value) => {
    const text = `graph {\n  parameter w: float32[2] = ${value}\n  output w\n}`;
    const read = parseGraph(text);
    expect(printGraph(read)).toBe(text);
    expect(sameGraph(graphFromJson(JSON.parse(JSON.stringify(graphToJson(read)))), read)).toBe(true);
  });

  test("constants of one element as a list or alone", () => {
    const nodes = ["[3]", "3"].map((value) =>
      parseGraph(`graph { c = ${value}: int32[1] output c }`).node("c"),
    );
    for (const node of nodes) expect(node.attributes).toEqual({ values: [3], dtype: "int32", shape: [1] });
  });

  test("random graphs", () => {
    fc.assert(
      fc.property(randomGraph(), (original) => {
        verifyGraph(original);
        expectRoundTrip(original);
      }),
      { numRuns: 500 },
    );
  });
});

describe("reads what was written by hand", () => {
  const canonical = `graph {
  input x: float32[2]
  twice = add(x, x): float32[2]
  output twice
}`;

  test.each([
    ["without line breaks", "graph{input x:float32[2]twice=add(x,x):float32[2]output twice}"],
    [
      "with comments",
      "// a\r\ngraph { // input y\n input x: float32[2] twice = add(x, x): float32[2] output twice } // end",
    ],
    [
      "with quoted names",
      'graph { input "x": float32[2] "twice" = "add"("x", x): float32[2] output "twice" = twice }',
    ],
    [
      "with an output that repeats its name",
      "graph { input x: float32[2] twice = add(x, x): float32[2] output twice = twice }",
    ],
    [
      "with leaves as calls",
      'graph { x = input(name: "x", dtype: float32, shape: [2]): float32[2] twice = add(x, x): float32[2] output twice }',
    ],
  ])("%s", (_, text) => expect(printGraph(parseGraph(text))).toBe(canonical));

  test("a common subexpression once, under its first name, and no dead node", () => {
    const text = `graph {
      input x: float32[2]
      a = relu(x): float32[2]
      b = relu(x): float32[2]
      dead = add(a, b): float32[2]
      relu_9 = mul(a, b): float32[2]
      output relu_9
    }`;
    expect(printGraph(parseGraph(text))).toBe(`graph {
  input x: float32[2]
  a = relu(x): float32[2]
  relu_9 = mul(a, a): float32[2]
  output relu_9
}`);
  });

  test("attributes in any order", () => {
    const text = "graph { input x: float32[2] y = sum(x, keepDims: true, axes: [0]): float32[1] output y }";
    expect(printGraph(parseGraph(text))).toContain("y = sum(x, axes: [0], keepDims: true): float32[1]");
  });
});

describe("labels", () => {
  const x = input("x", [2]);
  const hidden = (name: string) => label(relu(x), name);

  test("survive as names", () => {
    const read = parseGraph(printGraph(graph({ outputs: { y: hidden("layer 1/é") } })));
    expect(read.node("layer 1/é").label).toBe("layer 1/é");
  });

  test("names that follow from the op are none", () => {
    const read = parseGraph(printGraph(graph({ outputs: { "the sum": sum(relu(x)) } })));
    expect(read.node("sum_1").label).toBeUndefined();
    expect(graphToJson(read)).toEqual(graphToJson(graph({ outputs: { "the sum": sum(relu(x)) } })));
  });

  test("of leaves are their names", () => {
    const read = parseGraph("graph { parameter parameter_1: float32[] = 0 output parameter_1 }");
    expect(read.node("parameter_1").label).toBe("parameter_1");
  });
});

describe("sameGraph", () => {
  const x = input("x", [2]);
  const base = () => ({ outputs: { y: add(mul(x, 2), parameter("w", [2])) } });
  const w = parameter("w", [2]);

  test.each([
    ["another op", { outputs: { y: mul(mul(x, 2), w) } }],
    ["another operand", { outputs: { y: add(mul(x, x), w) } }],
    ["another order of operands", { outputs: { y: add(w, mul(x, 2)) } }],
    ["another number", { outputs: { y: add(mul(x, -2), w) } }],
    [
      "another initial value",
      { outputs: { y: add(mul(x, 2), parameter("w", [2], { kind: "constant", value: -0 })) } },
    ],
    ["another shape", { outputs: { y: add(mul(x, constant(2, { shape: [1] })), w) } }],
    ["another name of an output", { outputs: { z: add(mul(x, 2), w) } }],
    ["another label", { outputs: { y: add(label(mul(x, 2), "m"), w) } }],
    ["another output", { ...base(), outputs: { ...base().outputs, m: mul(x, 2) } }],
    [
      "another derivative order",
      { outputs: { y: markDerivativeOrder([add(mul(x, 2), w)], new Set([x, w]), 1)[0] ?? x } },
    ],
    ["an update", { ...base(), updates: [{ parameter: w, value: mul(x, 2) }] }],
  ])("sees %s", (_, declaration) => {
    expect(sameGraph(graph(base()), graph(declaration))).toBe(false);
    expect(printGraph(graph(base()))).not.toBe(printGraph(graph(declaration)));
  });

  test("of graphs built twice, and of random graphs, is equality of text", () => {
    expect(sameGraph(graph(base()), graph(base()))).toBe(true);
    fc.assert(
      fc.property(randomGraph({ steps: 3 }), randomGraph({ steps: 3 }), (a, b) => {
        expect(sameGraph(a, b)).toBe(printGraph(a) === printGraph(b));
      }),
      { numRuns: 500 },
    );
  });
});
