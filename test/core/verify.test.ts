// The verifier finds what the constructor of `Graph`, which checks nothing, lets through.

import {
  Graph,
  graph,
  input,
  Node,
  neg,
  parameter,
  relu,
  type Update,
  VerificationError,
  values,
  verifyGraph,
} from "@adjoint/core";
import { describe, expect, test } from "vitest";
import { network } from "./programs.js";

const x = input("x", [2]);
const w = parameter("w", [2]);
const h = relu(x);
const y = neg(h);

interface Parts {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, Node>>;
  readonly updates: readonly Update[];
  readonly names: ReadonlyMap<Node, string>;
}

const sound: Parts = {
  nodes: [x, h, y, w],
  outputs: { y },
  updates: [{ parameter: w, value: y }],
  names: new Map([
    [x, "x"],
    [h, "h"],
    [y, "y"],
    [w, "w"],
  ]),
};

const verified =
  ({ nodes, outputs, updates, names }: Parts) =>
  () =>
    verifyGraph(new Graph(nodes, outputs, updates, () => names));

/** The sound graph with y replaced by another node. */
function instead(node: Node): Parts {
  const names = new Map([...sound.names].map(([old, name]) => [old === y ? node : old, name]));
  return { nodes: [x, h, node, w], outputs: { y: node }, updates: [{ parameter: w, value: node }], names };
}

const type = { dtype: "float32", shape: [2] } as const;

test("sound graphs pass", () => {
  expect(verified(sound)).not.toThrow();
  expect(() => verifyGraph(network())).not.toThrow();
  expect(() => verifyGraph(graph({ outputs: {} }))).not.toThrow();
});

describe("finds", () => {
  test.each<[string, Parts, string, string]>([
    [
      "a user before its operand",
      { ...sound, nodes: [x, y, h, w] },
      "y",
      'node "y" stands before its operand relu(x: float32[2]): float32[2]',
    ],
    [
      "an operand that is not there",
      { ...sound, nodes: [x, y, w] },
      "y",
      'node "y" stands before its operand',
    ],
    ["a node twice", { ...sound, nodes: [x, x, h, y, w] }, "x", 'two nodes are called "x"'],
    [
      "a name twice",
      { ...sound, names: new Map([...sound.names, [h, "x"]]) },
      "x",
      'two nodes are called "x"',
    ],
    [
      "no name",
      { ...sound, names: new Map([...sound.names].slice(1)) },
      "x = input(): float32[2]",
      "x = input(): float32[2] has no name",
    ],
    [
      "a leaf under another name",
      { ...sound, names: new Map([...sound.names, [x, "X"]]) },
      "X",
      'node "X" must be called x',
    ],
    ["an arity", instead(new Node(neg.op, [h, h], {}, type)), "y", "expected 1 operands"],
    [
      "a shape",
      instead(new Node(neg.op, [h], {}, { ...type, shape: [3] })),
      "y",
      'node "y": the type is float32[2], not float32[3]',
    ],
    [
      "a dtype",
      instead(new Node(neg.op, [h], {}, { ...type, dtype: "int32" })),
      "y",
      'node "y": the type is float32[2], not int32[2]',
    ],
    [
      "an attribute",
      instead(new Node(neg.op, [h], { axis: 0 }, type)),
      "y",
      "attribute axis is unknown (known: none)",
    ],
    [
      "a name that is none",
      instead(new Node(input.op, [], { name: "a b", ...type }, type)),
      "y",
      'node "y" must be called a b',
    ],
    ["a dead node", { ...sound, outputs: {}, updates: [], nodes: [x, h, w] }, "h", 'nothing needs node "h"'],
    [
      "an output from elsewhere",
      { ...sound, outputs: { z: neg(x) } },
      "z",
      'output "z" is not a node of the graph',
    ],
    [
      "an update from elsewhere",
      { ...sound, updates: [{ parameter: w, value: neg(x) }] },
      String(w),
      "has a node outside the graph: neg(x: float32[2])",
    ],
    [
      "an update of an input",
      { ...sound, outputs: { y, w }, updates: [{ parameter: x, value: y }] },
      String(x),
      "Only parameters can be updated",
    ],
    [
      "two updates of one",
      { ...sound, updates: [...sound.updates, ...sound.updates] },
      String(w),
      "is updated twice",
    ],
  ])("%s", (_, parts, address, message) => {
    expect(verified(parts)).toThrow(VerificationError);
    expect(verified(parts)).toThrow(message);
    try {
      verified(parts)();
    } catch (error) {
      expect(error).toMatchObject({ address });
    }
  });

  test("an update of another type", () => {
    const narrow = parameter("w", [1]);
    const names = new Map([...sound.names].filter(([node]) => node !== w).concat([[narrow, "w"]]));
    const parts = { ...sound, nodes: [x, h, y, narrow], updates: [{ parameter: narrow, value: y }], names };
    expect(verified(parts)).toThrow("The update of w = parameter(): float32[1] must be float32[1], not neg");
  });

  test("initial values that do not fill their parameter", () => {
    const attributes = { name: "w", ...type, initializer: values([1]), state: false };
    const node = new Node(parameter.op, [], attributes, type);
    const parts = { nodes: [node], outputs: { w: node }, updates: [], names: new Map([[node, "w"]]) };
    expect(verified(parts)).toThrow('node "w": 1 initial values do not fill shape [2]');
  });
});
