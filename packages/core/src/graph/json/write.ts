/** Writes a graph as plain data for `JSON.stringify`; nothing of the graph is lost. */

import { writeInitializer, writeNumber } from "../../json.js";
import { mapRecord } from "../../record.js";
import type { AttributeKind, AttributeTypes } from "../attributes.js";
import type { Graph } from "../graph.js";
import type { Node } from "../node.js";
import {
  type AttributeJson,
  type AttributeJsonTypes,
  format,
  type GraphJson,
  type NodeJson,
  version,
} from "./form.js";

/** The JSON form of a graph. Equal graphs give equal text, byte for byte. */
export function graphToJson(graph: Graph): GraphJson {
  return {
    format,
    version,
    nodes: graph.nodes.map((node) => writeNode(node, graph)),
    outputs: mapRecord<string, Node, string>(graph.outputs, (node) => graph.nameOf(node)),
    updates: graph.updates.map(({ parameter, value }) => ({
      parameter: graph.nameOf(parameter),
      value: graph.nameOf(value),
    })),
  };
}

function writeNode(node: Node, graph: Graph): NodeJson {
  const { op, label, derivativeOrder } = node;
  const attributes = Object.entries(op.attributes).flatMap(([name, kind]): [string, AttributeJson][] => {
    const value = node.attributes[name];
    return value === undefined ? [] : [[name, writeAttribute(kind, value)]];
  });
  return {
    name: graph.nameOf(node),
    op: op.name,
    operands: node.operands.map((operand) => graph.nameOf(operand)),
    attributes: Object.fromEntries(attributes),
    dtype: node.dtype,
    shape: node.shape.map(writeInteger),
    ...(label === undefined ? {} : { label }),
    ...(derivativeOrder === 0 ? {} : { derivativeOrder }),
  };
}

/** Drops the sign of 0. */
function writeInteger(value: number): number {
  return value + 0;
}

const writers: {
  readonly [Kind in AttributeKind]: (value: AttributeTypes[Kind]) => AttributeJsonTypes[Kind];
} = {
  integer: writeInteger,
  integers: (values) => values.map(writeInteger),
  number: writeNumber,
  numbers: (values) => values.map(writeNumber),
  boolean: (value) => value,
  string: (value) => value,
  dtype: (value) => value,
  initializer: writeInitializer,
};

function writeAttribute<Kind extends AttributeKind>(
  kind: Kind,
  value: AttributeTypes[Kind],
): AttributeJsonTypes[Kind] {
  return writers[kind](value);
}
