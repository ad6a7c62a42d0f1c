/** Reads the JSON form of a graph from untrusted data. It ignores fields that it does not know. */

import { AdjointError, ParseError } from "../../errors.js";
import {
  readDType,
  readInteger,
  readIntegers,
  readList,
  readRecord,
  readString,
  refuse,
} from "../../json.js";
import { Assembly, checkType, type ReadOptions } from "../assembly.js";
import type { AttributeValue, AttributeValues } from "../attributes.js";
import type { Graph } from "../graph.js";
import type { Op } from "../op.js";
import { format, version } from "./form.js";
import { attributeReaders } from "./values.js";

/**
 * The graph that parsed JSON describes: everything that its outputs and updates need, under the names it gives.
 * @throws ParseError with the path of the entry (`nodes[12].operands[0]`) and what was expected; NameError for two
 * `ops` of one name.
 */
export function graphFromJson(json: unknown, options: ReadOptions = {}): Graph {
  const assembly = new Assembly(options);
  const fields = readRecord(json, "graph");
  if (fields.get("format") !== format) refuse(`"${format}"`, fields.get("format"), "format");
  const found = readInteger(fields.get("version"), "version");
  if (found > version) {
    throw new ParseError(
      `version ${found} is newer than ${version}, the newest this can read; update @adjoint/core`,
      "version",
    );
  }
  if (found < version) refuse(`version ${version}`, found, "version");
  readList(fields.get("nodes"), "nodes", (node, path) => readNode(assembly, node, path));
  for (const [name, node] of readRecord(fields.get("outputs"), "outputs")) {
    const path = `outputs[${JSON.stringify(name)}]`;
    attempt(path, () => assembly.output(name, assembly.node(readString(node, path))));
  }
  readList(fields.get("updates"), "updates", (update, path) => readUpdate(assembly, update, path));
  return assembly.graph();
}

function readNode(assembly: Assembly, value: unknown, path: string): void {
  const fields = readRecord(value, path);
  const name = readString(fields.get("name"), `${path}.name`);
  attempt(`${path}.name`, () => assembly.checkFree(name));
  const op = attempt(`${path}.op`, () => assembly.op(readString(fields.get("op"), `${path}.op`)));
  const operands = readList(fields.get("operands"), `${path}.operands`, (operand, place) =>
    attempt(place, () => assembly.node(readString(operand, place))),
  );
  const attributes = readAttributes(op, fields.get("attributes"), `${path}.attributes`);
  const label = fields.has("label") ? readString(fields.get("label"), `${path}.label`) : undefined;
  const derivativeOrder = readOrder(fields.get("derivativeOrder") ?? 0, `${path}.derivativeOrder`);
  const node = attempt(path, () => assembly.build({ op, operands, attributes, label, derivativeOrder }));
  const dtype = readDType(fields.get("dtype"), `${path}.dtype`);
  const shape = readIntegers(fields.get("shape"), `${path}.shape`);
  attempt(`${path}.${dtype === node.dtype ? "shape" : "dtype"}`, () => checkType(node, { dtype, shape }));
  attempt(`${path}.name`, () => assembly.define(name, node));
}

/** Unlike other fields an unknown attribute is an error: it would change what the node means. */
function readAttributes(op: Op, value: unknown, path: string): AttributeValues {
  const fields = readRecord(value, path);
  const attributes = [...fields].map(([name, entry]): [string, AttributeValue] => {
    const kind = Object.hasOwn(op.attributes, name) ? op.attributes[name] : undefined;
    if (kind !== undefined) return [name, attributeReaders[kind](entry, `${path}.${name}`)];
    const known = Object.keys(op.attributes).join(", ") || "none";
    return refuse(`attributes of ${op.name} (${known})`, name, path);
  });
  return Object.fromEntries(attributes);
}

function readOrder(value: unknown, path: string): number {
  const order = readInteger(value, path);
  return order >= 0 ? order : refuse("a derivative order of at least 0", order, path);
}

function readUpdate(assembly: Assembly, value: unknown, path: string): void {
  const fields = readRecord(value, path);
  const [parameter, result] = (["parameter", "value"] as const).map((field) => {
    const place = `${path}.${field}`;
    return attempt(place, () => assembly.node(readString(fields.get(field), place)));
  });
  if (parameter !== undefined && result !== undefined) {
    attempt(path, () => assembly.update({ parameter, value: result }));
  }
}

/** What a defect of the graph says, with its place in the JSON. */
function attempt<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AdjointError && !(error instanceof ParseError))
      throw new ParseError(error.message, path);
    throw error;
  }
}
