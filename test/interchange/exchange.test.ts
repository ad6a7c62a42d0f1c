/** Graphs in the forms of other programs: graphology, GEXF, GraphML; and JSON as its published schema says. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  dtypes,
  type Graph,
  graph,
  graphFromJson,
  graphToJson,
  input,
  label,
  normal,
  orthogonal,
  parameter,
  parseGraph,
  sum,
  tanh,
  values,
} from "@adjoint/core";
import { type PlainEdge, type PlainNode, toGexf, toGraphml, toGraphology } from "@adjoint/interchange";
import { type Schema, Validator } from "@cfworker/json-schema";
import { MultiDirectedGraph } from "graphology";
import { parse as parseGexf } from "graphology-gexf";
import { parse as parseGraphml } from "graphology-graphml";
import type { SerializedGraph } from "graphology-types";
import { describe, expect, it } from "vitest";
import { lenet, textbook, transformer, withGradients } from "./networks.js";

const golden = fileURLToPath(new URL("../golden", import.meta.url));

const graphs: readonly (readonly [string, Graph])[] = [
  ["textbook", withGradients(textbook({ bias: true }))],
  ["lenet", withGradients(lenet())],
  ["transformer", withGradients(transformer())],
  ...readdirSync(golden, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ir"))
    .map((file): [string, Graph] => {
      const [text = ""] = readFileSync(`${golden}/${file}`, "utf8").split("\n==>\n");
      return [file, parseGraph(text.slice(text.indexOf("graph {")))];
    }),
];

const weird = graph({ outputs: { J: sum(label(tanh(input("x", [2])), 'a "b" <c> & \' \n\t é\u0001')) } });

type Plain = MultiDirectedGraph<PlainNode, PlainEdge>;

function imported(data: SerializedGraph<PlainNode, PlainEdge>): Plain {
  const plain: Plain = new MultiDirectedGraph<PlainNode, PlainEdge>();
  plain.import(data);
  return plain;
}

interface Flat {
  readonly nodes: readonly (readonly [string, unknown])[];
  readonly edges: readonly (readonly [string, string, unknown])[];
}

function flat(plain: Plain): Flat {
  return {
    nodes: plain.mapNodes((name, attributes) => [name, attributes] as const),
    edges: plain.mapEdges((_, { position }, source, target) => [source, target, position] as const),
  };
}

describe.each(graphs)("%s", (_, whole) => {
  const plain = toGraphology(whole);

  it("is a node per node and an edge per operand for graphology", () => {
    expect(plain.order).toBe(whole.nodes.length);
    expect(plain.size).toBe(whole.nodes.reduce((count, node) => count + node.operands.length, 0));
    for (const node of whole.nodes) {
      const name = whole.nameOf(node);
      const operands = plain
        .mapInEdges(name, (__, { position }, source) => [position, source] as const)
        .sort(([a], [b]) => a - b);
      expect(operands.map(([, source]) => source)).toEqual(
        node.operands.map((operand) => whole.nameOf(operand)),
      );
      expect(plain.getNodeAttribute(name, "op")).toBe(node.op.name);
    }
    const copied = imported(JSON.parse(JSON.stringify(plain.export())));
    expect(flat(copied)).toEqual(flat(plain));
  });

  it("comes back from GEXF and GraphML through graphology's readers", () => {
    const gexf = parseGexf<PlainNode, PlainEdge>(MultiDirectedGraph, toGexf(whole));
    expect(flat(imported(gexf.export()))).toEqual(flat(plain));
    const graphml = parseGraphml<PlainNode, PlainEdge>(MultiDirectedGraph, toGraphml(whole));
    expect(flat(imported(graphml.export()))).toEqual(flat(plain));
  });
});

it("writes XML for names with characters that XML escapes, or cannot hold", () => {
  const found = parseGraphml(MultiDirectedGraph, toGraphml(weird));
  expect(found.nodes()[1]).toBe('a "b" <c> & \' \n\t é\ufffd');
  expect(parseGexf(MultiDirectedGraph, toGexf(weird)).order).toBe(3);
});

describe("the JSON Schema", () => {
  const url = new URL("../../packages/interchange/graph.schema.json", import.meta.url);
  const schema: Schema = JSON.parse(readFileSync(url, "utf8"));
  const validator = new Validator(schema, "2020-12", false);
  const problems = (json: unknown): string[] => validator.validate(json).errors.map(({ error }) => error);

  it.each(graphs)("accepts %s", (_, whole) => {
    const json: unknown = JSON.parse(JSON.stringify(graphToJson(whole)));
    expect(problems(json)).toEqual([]);
    expect(JSON.stringify(graphToJson(graphFromJson(json)))).toBe(JSON.stringify(json));
  });

  const small = graphToJson(
    graph({
      outputs: {
        a: parameter("a", [2], normal()),
        b: parameter("b", [2, 2], orthogonal()),
        c: parameter("c", [2], values([Number.NaN, -0])),
      },
    }),
  );
  const [first, ...others] = small.nodes;

  it("accepts every kind of initializer, special numbers, and fields of later releases", () => {
    expect(problems(JSON.parse(JSON.stringify(small)))).toEqual([]);
    expect(
      problems({ ...small, later: 1, nodes: small.nodes.map((node) => ({ ...node, later: {} })) }),
    ).toEqual([]);
  });

  it.each([
    ["another format", { ...small, format: "adjoint.plan" }],
    ["another version", { ...small, version: 2 }],
    ["no updates", { ...small, updates: undefined }],
    ["a node without operands", { ...small, nodes: [{ ...first, operands: undefined }, ...others] }],
    ["a dtype that there is not", { ...small, nodes: [{ ...first, dtype: "float8" }, ...others] }],
    ["half an extent", { ...small, nodes: [{ ...first, shape: [0.5] }, ...others] }],
    ["a negative order", { ...small, nodes: [{ ...first, derivativeOrder: -1 }, ...others] }],
    [
      "an initializer without its numbers",
      { ...small, nodes: [{ ...first, attributes: { initializer: { kind: "normal" } } }] },
    ],
    [
      "an unknown initializer",
      { ...small, nodes: [{ ...first, attributes: { initializer: { kind: "odd" } } }] },
    ],
    ["an attribute that is nothing", { ...small, nodes: [{ ...first, attributes: { a: null } }] }],
    ["a list", [small]],
  ])("refuses %s, as the reader does", (_, json) => {
    const plain: unknown = JSON.parse(JSON.stringify(json));
    expect(problems(plain)).not.toEqual([]);
    expect(() => graphFromJson(plain)).toThrow();
  });

  it("knows the dtypes that there are", () => {
    expect(JSON.stringify(schema)).toContain(`{"enum":${JSON.stringify(Object.keys(dtypes))}}`);
  });
});
