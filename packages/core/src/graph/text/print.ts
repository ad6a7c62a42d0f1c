/**
 * The text form of a graph, one line per node in topological order:
 *
 *     graph {
 *       input x: float32[32, 784]
 *       parameter W: float32[256, 784] = normal(mean: 0, std: 0.05, seed: 1)
 *       state velocity: float32[256, 784] = 0
 *       transpose_1 = transpose(W, permutation: [1, 0]): float32[784, 256]
 *       z = matmul(x, transpose_1): float32[32, 256]
 *       constant_1 = 0.5: float32[]
 *       mul_1 = mul(constant_1, z): float32[32, 256] @adjoint
 *       output z
 *       output scaled = mul_1
 *       update velocity = sub_1
 *     }
 *
 * `@adjoint` marks nodes of derivative order 1, `@adjoint(2)` those of order 2. Names, operands, attributes, types,
 * outputs and updates read back exactly. A label reads back as the unique name that its node prints under; names that
 * follow from the op (`sub_1`) are no labels.
 */

import { isInitializer } from "../../random/initializer.js";
import { formatType } from "../../tensor.js";
import type { Graph } from "../graph.js";
import type { Node } from "../node.js";
import { formatAttribute, formatInitializer, formatName, formatNumber, formatNumbers } from "./format.js";

/** The text that `parseGraph` reads. Equal graphs print equally. */
export function printGraph(graph: Graph): string {
  const name = (node: Node): string => formatName(graph.nameOf(node));
  const nodes = graph.nodes.map((node) => `${printNode(node, name)}${printOrder(node)}`);
  const outputs = Object.entries<Node>(graph.outputs).map(([output, node]) =>
    output === graph.nameOf(node) ? `output ${name(node)}` : `output ${formatName(output)} = ${name(node)}`,
  );
  const updates = graph.updates.map(({ parameter, value }) => `update ${name(parameter)} = ${name(value)}`);
  const lines = [...nodes, ...outputs, ...updates].map((line) => `  ${line}\n`);
  return `graph {\n${lines.join("")}}`;
}

/** One line of the text form, with operands as `name` gives them. */
export function printNode(node: Node, name: (node: Node) => string): string {
  const typed = `${name(node)}: ${formatType(node)}`;
  const { initializer, state, values } = node.attributes;
  if (node.op.name === "input") return `input ${typed}`;
  if (node.op.name === "parameter" && isInitializer(initializer)) {
    return `${state === true ? "state" : "parameter"} ${typed} = ${formatInitializer(initializer)}`;
  }
  const value =
    node.op.name === "constant" && Array.isArray(values) ? printElements(values) : printCall(node, name);
  return `${name(node)} = ${value}: ${formatType(node)}`;
}

function printElements(values: readonly number[]): string {
  const [first] = values;
  return values.length === 1 && first !== undefined ? formatNumber(first) : formatNumbers(values);
}

function printCall({ op, operands, attributes }: Node, name: (node: Node) => string): string {
  const shown = Object.entries(op.attributes).flatMap(([attribute, kind]) => {
    const value = attributes[attribute];
    return value === undefined ? [] : [`${formatName(attribute)}: ${formatAttribute(kind, value)}`];
  });
  return `${formatName(op.name)}(${[...operands.map(name), ...shown].join(", ")})`;
}

function printOrder({ derivativeOrder }: Node): string {
  if (derivativeOrder === 0) return "";
  return derivativeOrder === 1 ? " @adjoint" : ` @adjoint(${derivativeOrder})`;
}
