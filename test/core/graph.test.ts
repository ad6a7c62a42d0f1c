// What `graph()` promises: common subexpressions once, nothing dead, unique and stable names, a stable order, the
// structure for graphology, and no depth that it cannot take.

import {
  add,
  constant,
  createNode,
  graph,
  graphFromJson,
  graphToJson,
  input,
  label,
  markDerivativeOrder,
  matmul,
  mul,
  NameError,
  type Node,
  neg,
  parameter,
  parseGraph,
  printGraph,
  relu,
  ShapeError,
  sameGraph,
  sub,
  sum,
  tanh,
  transpose,
  verifyGraph,
} from "@adjoint/core";
import fc from "fast-check";
import { topologicalGenerations, topologicalSort, willCreateCycle } from "graphology-dag";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../random/graphs.js";
import { probe } from "./programs.js";

const x = input("x", [2, 3]);
const names = (node: Node): string => printGraph(graph({ outputs: { "the result": node } }));

describe("common subexpressions", () => {
  test("become one node, through any depth", () => {
    const make = () => tanh(add(neg(input("x", [2, 3])), 1));
    const { nodes } = graph({ outputs: { y: mul(make(), make()) } });
    expect(nodes.map((node) => node.op.name)).toEqual(["input", "neg", "constant", "add", "tanh", "mul"]);
    expect(nodes.at(-1)?.operands[0]).toBe(nodes.at(-1)?.operands[1]);
  });

  test("need equal attributes, to the sign of zero", () => {
    const numbers = [0, -0, Number.NaN, Infinity, -Infinity, 1];
    const outputs = Object.fromEntries([...numbers, ...numbers].map((value, n) => [`o${n}`, add(x, value)]));
    const frozen = graph({ outputs });
    expect(frozen.nodes).toHaveLength(1 + 2 * numbers.length);
    for (const n of numbers.keys())
      expect(frozen.outputs[`o${n}`]).toBe(frozen.outputs[`o${n + numbers.length}`]);
  });

  test("need the same order of operands", () => {
    const { nodes } = graph({ outputs: { a: sub(x, neg(x)), b: sub(neg(x), x) } });
    expect(nodes).toHaveLength(4);
  });

  test("keep the first label, wherever it stands", () => {
    const frozen = graph({
      outputs: { y: mul(add(tanh(x), tanh(x)), label(add(tanh(x), tanh(x)), "twice")) },
    });
    expect(frozen.nodes.map((node) => frozen.nameOf(node))).toEqual(["x", "tanh_1", "twice", "y"]);
  });

  test("keep the smallest derivative order", () => {
    const [late = x] = markDerivativeOrder([tanh(x)], new Set([x]), 1);
    const frozen = graph({ outputs: { dx: late, y: tanh(x) } });
    expect(frozen.nodes.map((node) => node.derivativeOrder)).toEqual([0, 0]);
  });

  test("do not touch what is written: nodes given stay as they are", () => {
    const node = add(tanh(x), label(tanh(x), "t"));
    graph({ outputs: { node } });
    expect(node.operands[0]).not.toBe(node.operands[1]);
    expect(node.operands[0]?.label).toBeUndefined();
  });

  test("two ops of one name are refused", () => {
    const impostor = { ...probe, name: "tanh" };
    const attributes = {
      count: 0,
      sizes: [],
      scale: 0,
      weights: [],
      exact: true,
      "the text": "",
      kind: "bool",
      start: { kind: "constant", value: 0 },
    } as const;
    expect(() => graph({ outputs: { y: add(tanh(x), createNode(impostor, [x], attributes)) } })).toThrow(
      NameError,
    );
  });
});

describe("what is not needed", () => {
  test("is not there", () => {
    const h = relu(x);
    tanh(h);
    const { nodes, inputs, parameters } = graph({ outputs: { h } });
    expect(nodes.map((node) => node.op.name)).toEqual(["input", "relu"]);
    expect(inputs).toHaveLength(1);
    expect(parameters).toHaveLength(0);
  });

  test("an update needs its parameter and its value", () => {
    const w = parameter("w", [2, 3]);
    const frozen = graph({ outputs: {}, updates: [{ parameter: w, value: neg(x) }] });
    expect(frozen.nodes.map((node) => node.op.name)).toEqual(["input", "neg", "parameter"]);
  });
});

describe("names", () => {
  test("come from leaves, labels, outputs and ops, in this order", () => {
    const h = label(relu(x), "h");
    const frozen = graph({ outputs: { y: h, z: tanh(h), 'not "bare"': neg(h), x: sum(h) } });
    expect(frozen.nodes.map((node) => frozen.nameOf(node))).toEqual(["x", "h", "z", "neg_1", "x_1"]);
    for (const node of frozen.nodes) expect(frozen.node(frozen.nameOf(node))).toBe(node);
  });

  test("of foreign nodes and of nobody are errors", () => {
    const frozen = graph({ outputs: { y: relu(x) } });
    expect(frozen.has(tanh(x))).toBe(false);
    expect(() => frozen.nameOf(tanh(x))).toThrow(
      "tanh(x: float32[2, 3]): float32[2, 3] is not a node of this graph.",
    );
    expect(() => frozen.node("w")).toThrow('The graph has no node "w".');
  });

  test("of two leaves that differ must differ", () => {
    expect(() => graph({ outputs: { y: add(x, input("x", [3])) } })).toThrow(
      'x = input(): float32[3] and x = input(): float32[2, 3] differ but share the name "x".',
    );
    expect(() => graph({ outputs: { y: add(x, parameter("x", [3])) } })).toThrow(NameError);
  });

  test("do not depend on what else was built before", () => {
    const build = () => graph({ outputs: { y: add(mul(x, 2), tanh(mul(x, 3))) } });
    const first = printGraph(build());
    names(tanh(relu(x)));
    expect(printGraph(build())).toBe(first);
  });
});

describe("order", () => {
  test("is operands first, left to right from the first output", () => {
    const [a, b] = [neg(x), tanh(x)];
    const order = (outputs: Record<string, Node>) =>
      graph({ outputs })
        .nodes.map((node) => node.op.name)
        .join(" ");
    expect(order({ s: sub(a, b) })).toBe("input neg tanh sub");
    expect(order({ s: sub(b, a) })).toBe("input tanh neg sub");
    expect(order({ b, a })).toBe("input tanh neg");
  });

  test("freezing again changes nothing", () => {
    fc.assert(
      fc.property(randomGraph({ marks: false }), (frozen) => {
        const again = graph({ outputs: frozen.outputs, updates: frozen.updates });
        expect(sameGraph(again, frozen)).toBe(true);
        expect(again.nodes.every((node, position) => node === frozen.nodes[position])).toBe(true);
      }),
    );
  });
});

describe("updates", () => {
  const w = parameter("w", [2, 3]);
  test.each<[string, () => unknown, typeof NameError | typeof ShapeError, string]>([
    [
      "of an input",
      () => graph({ outputs: {}, updates: [{ parameter: x, value: x }] }),
      NameError,
      "Only parameters can be updated, not x = input(): float32[2, 3].",
    ],
    [
      "twice",
      () =>
        graph({
          outputs: {},
          updates: [
            { parameter: w, value: x },
            { parameter: w, value: neg(x) },
          ],
        }),
      NameError,
      "w = parameter(): float32[2, 3] is updated twice.",
    ],
    [
      "twice, through equal nodes",
      () =>
        graph({
          outputs: {},
          updates: [
            { parameter: w, value: x },
            { parameter: parameter("w", [2, 3]), value: x },
          ],
        }),
      NameError,
      "w = parameter(): float32[2, 3] is updated twice.",
    ],
    [
      "of another shape",
      () => graph({ outputs: {}, updates: [{ parameter: w, value: transpose(x) }] }),
      ShapeError,
      "The update of w = parameter(): float32[2, 3] must be float32[2, 3], not transpose(x: float32[2, 3]): float32[3, 2].",
    ],
  ])("%s are refused", (_, build, Kind, message) => {
    expect(build).toThrow(Kind);
    expect(build).toThrow(message);
  });

  test("may swap two parameters, and be of themselves", () => {
    const v = parameter("v", [2, 3]);
    const { updates } = graph({
      outputs: {},
      updates: [
        { parameter: w, value: v },
        { parameter: v, value: w },
      ],
    });
    expect(updates.map(({ parameter: { label: target }, value }) => [target, value.label])).toEqual([
      ["w", "v"],
      ["v", "w"],
    ]);
    expect(() => graph({ outputs: {}, updates: [{ parameter: w, value: w }] })).not.toThrow();
  });
});

describe("structure", () => {
  const frozen = graph({ outputs: { y: matmul(transpose(x), add(x, x)) } });

  test("has a node per name and an edge per operand with its position", () => {
    const { structure } = frozen;
    expect(structure.nodes()).toEqual(frozen.nodes.map((node) => frozen.nameOf(node)));
    expect(
      structure.mapEdges((_, { position }, source, target) => `${source} → ${target}.${position}`),
    ).toEqual(["x → transpose_1.0", "x → add_1.0", "x → add_1.1", "transpose_1 → y.0", "add_1 → y.1"]);
    expect(structure.getNodeAttribute("y", "node")).toBe(frozen.outputs.y);
    expect(frozen.structure).toBe(structure);
  });

  test("is what graphology's algorithms take", () => {
    expect(topologicalGenerations(frozen.structure)).toEqual([["x"], ["transpose_1", "add_1"], ["y"]]);
    expect(willCreateCycle(frozen.structure, "y", "x")).toBe(true);
  });

  test("of random graphs is acyclic and as large as they are", () => {
    fc.assert(
      fc.property(randomGraph(), ({ nodes, structure }) => {
        expect(topologicalSort(structure)).toHaveLength(nodes.length);
        expect(structure.size).toBe(nodes.reduce((edges, { operands }) => edges + operands.length, 0));
      }),
      { numRuns: 50 },
    );
  });
});

test("a chain of 100 000 ops builds, names, prints, reads, verifies, compares and has a structure", () => {
  const length = 100_000;
  let node: Node = input("x", [4]);
  for (let n = 0; n < length; n++) node = n % 2 === 0 ? add(node, n % 7) : relu(node);
  const chain = graph({ outputs: { node, constant: constant(3) } });
  expect(chain.nodes.length).toBe(length + 1 + 7);
  verifyGraph(chain);
  const text = printGraph(chain);
  const read = parseGraph(text);
  expect(printGraph(read) === text).toBe(true);
  expect(sameGraph(read, chain)).toBe(true);
  expect(sameGraph(graphFromJson(graphToJson(chain)), chain)).toBe(true);
  expect(chain.structure.order).toBe(chain.nodes.length);
}, 60_000);

test("20 000 outputs with one label, and as many updates, are fine too", () => {
  const many = Array.from({ length: 20_000 }, (_, n) => parameter(`w${n}`, []));
  const frozen = graph({
    outputs: Object.fromEntries(many.map((w, n) => [`o${n}`, label(neg(w), "same")])),
    updates: many.map((w) => ({ parameter: w, value: add(w, w) })),
  });
  verifyGraph(frozen);
  expect(sameGraph(parseGraph(printGraph(frozen)), frozen)).toBe(true);
});
