/** Reads the text form, statement by statement; its grammar is shown in `print.ts`. It refuses to guess. */

import { AdjointError, ParseError } from "../../errors.js";
import { constant, input, parameter } from "../../ops/leaf.js";
import type { TensorType } from "../../tensor.js";
import { Assembly, checkType, type ReadOptions } from "../assembly.js";
import type { AttributeKind, AttributeValue, AttributeValues } from "../attributes.js";
import type { Graph } from "../graph.js";
import { isAutomatic } from "../names.js";
import type { Node } from "../node.js";
import type { Op } from "../op.js";
import { Scanner, type Token } from "./scan.js";
import { attributeReaders, readElements, readInitializer, readType } from "./values.js";

interface Reading {
  readonly scanner: Scanner;
  readonly assembly: Assembly;
}

/** A node as its statement says it. */
interface Statement {
  readonly name: Token;
  readonly op: Op;
  readonly operands: readonly Node[];
  readonly attributes: AttributeValues;
  readonly type: TensorType;
  /** Where to point when the node cannot be built, and when its type is another. */
  readonly offset: number;
  readonly typeOffset: number;
}

/**
 * The graph that a text describes: everything that its outputs and updates need, under the names of the text. `//`
 * starts a comment, line breaks are spaces.
 * @throws ParseError with offset, line, column and what was expected; NameError for two `ops` of one name.
 */
export function parseGraph(text: string, options: ReadOptions = {}): Graph {
  const assembly = new Assembly(options);
  const scanner = new Scanner(text);
  scanner.expect("graph");
  scanner.expect("{");
  while (!scanner.skip("}")) readStatement({ scanner, assembly });
  if (scanner.token.kind !== "end") scanner.fail("expected the end of the text");
  return assembly.graph();
}

const keywords: ReadonlyMap<string, (reading: Reading) => void> = new Map([
  ["input", readInput],
  ["parameter", (reading) => readParameter(reading, false)],
  ["state", (reading) => readParameter(reading, true)],
  ["output", readOutput],
  ["update", readUpdate],
]);

function readStatement(reading: Reading): void {
  const { scanner } = reading;
  const first = scanner.name('a node, "input", "parameter", "state", "output", "update" or "}"');
  const keyword = first.kind === "name" && !scanner.sees("=") ? keywords.get(first.text) : undefined;
  if (keyword !== undefined) {
    keyword(reading);
    return;
  }
  scanner.expect("=");
  const value = scanner.token;
  const literal = value.kind === "number" || ["[", "NaN", "Infinity"].some((start) => scanner.sees(start));
  if (literal) readConstant(reading, first);
  else readCall(reading, first);
}

function readInput(reading: Reading): void {
  const { name, offset, typeOffset, type } = readTyped(reading);
  const attributes = { name: name.text, ...type };
  define(reading, { name, op: input.op, operands: [], attributes, type, offset, typeOffset });
}

function readParameter(reading: Reading, state: boolean): void {
  const { name, offset, typeOffset, type } = readTyped(reading);
  reading.scanner.expect("=");
  const attributes = { name: name.text, ...type, initializer: readInitializer(reading.scanner), state };
  define(reading, { name, op: parameter.op, operands: [], attributes, type, offset, typeOffset });
}

function readTyped({ scanner }: Reading): Pick<Statement, "name" | "type" | "offset" | "typeOffset"> {
  const name = scanner.name("a name");
  scanner.expect(":");
  const typeOffset = scanner.token.offset;
  return { name, offset: name.offset, typeOffset, type: readType(scanner) };
}

function readConstant(reading: Reading, name: Token): void {
  const { scanner } = reading;
  const { offset } = scanner.token;
  const values = readElements(scanner);
  scanner.expect(":");
  const typeOffset = scanner.token.offset;
  const type = readType(scanner);
  define(reading, {
    name,
    op: constant.op,
    operands: [],
    attributes: { values, ...type },
    type,
    offset,
    typeOffset,
  });
}

function readCall(reading: Reading, name: Token): void {
  const { scanner, assembly } = reading;
  const { text, offset } = scanner.name("an op, a number or a list of numbers");
  const op = attempt(reading, offset, () => assembly.op(text));
  const operands: Node[] = [];
  const attributes = new Map<string, AttributeValue>();
  scanner.expect("(");
  if (!scanner.sees(")")) {
    do readArgument(reading, op, operands, attributes);
    while (scanner.skip(","));
  }
  if (!scanner.skip(")")) scanner.fail('expected "," or ")"');
  scanner.expect(":");
  const typeOffset = scanner.token.offset;
  const type = readType(scanner);
  define(reading, {
    name,
    op,
    operands,
    attributes: Object.fromEntries(attributes),
    type,
    offset,
    typeOffset,
  });
}

/** An operand, or an attribute, which has a colon. */
function readArgument(
  reading: Reading,
  op: Op,
  operands: Node[],
  attributes: Map<string, AttributeValue>,
): void {
  const { scanner, assembly } = reading;
  const { text, offset } = scanner.name("an operand or an attribute");
  if (!scanner.skip(":")) {
    if (attributes.size > 0) scanner.refuse(`expected operand "${text}" before the attributes`, offset);
    operands.push(attempt(reading, offset, () => assembly.node(text)));
    return;
  }
  const kind = kindOf(scanner, op, text, offset);
  if (attributes.has(text)) scanner.refuse(`expected attribute "${text}" once`, offset);
  attributes.set(text, attributeReaders[kind](scanner));
}

function kindOf(scanner: Scanner, op: Op, attribute: string, offset: number): AttributeKind {
  const kind = Object.hasOwn(op.attributes, attribute) ? op.attributes[attribute] : undefined;
  if (kind !== undefined) return kind;
  const known = Object.keys(op.attributes).join(", ") || "none";
  return scanner.refuse(`expected an attribute of ${op.name} (${known}), found "${attribute}"`, offset);
}

function define(reading: Reading, statement: Statement): void {
  const { assembly } = reading;
  const { name, op, operands, attributes, type, offset, typeOffset } = statement;
  const derivativeOrder = readOrder(reading);
  const label = isAutomatic(name.text, op) ? undefined : name.text;
  attempt(reading, name.offset, () => assembly.checkFree(name.text));
  const node = attempt(reading, offset, () =>
    assembly.build({ op, operands, attributes, label, derivativeOrder }),
  );
  attempt(reading, typeOffset, () => checkType(node, type));
  attempt(reading, name.offset, () => assembly.define(name.text, node));
}

/** `@adjoint` or `@adjoint(2)`, 0 without. */
function readOrder({ scanner }: Reading): number {
  if (!scanner.skip("@")) return 0;
  scanner.expect("adjoint");
  if (!scanner.skip("(")) return 1;
  const { token } = scanner;
  const derivativeOrder = attributeReaders.integer(scanner);
  if (derivativeOrder < 1) scanner.fail("expected a derivative order of at least 1", token);
  scanner.expect(")");
  return derivativeOrder;
}

function readOutput(reading: Reading): void {
  const { scanner, assembly } = reading;
  const name = scanner.name("the name of an output");
  const source = scanner.skip("=") ? scanner.name("the name of a node") : name;
  const node = attempt(reading, source.offset, () => assembly.node(source.text));
  attempt(reading, name.offset, () => assembly.output(name.text, node));
}

function readUpdate(reading: Reading): void {
  const { scanner, assembly } = reading;
  const target = scanner.name("the name of a parameter");
  scanner.expect("=");
  const source = scanner.name("the name of a node");
  const parameter = attempt(reading, target.offset, () => assembly.node(target.text));
  const value = attempt(reading, source.offset, () => assembly.node(source.text));
  attempt(reading, target.offset, () => assembly.update({ parameter, value }));
}

/** What a defect of the graph says, with its place in the text. */
function attempt<T>({ scanner }: Reading, offset: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AdjointError && !(error instanceof ParseError))
      return scanner.refuse(error.message, offset);
    throw error;
  }
}
