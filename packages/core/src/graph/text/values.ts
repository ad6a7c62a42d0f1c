/** Reads types and attribute values of the text form. It refuses to know statements. */

import { type DType, dtypes, isDType } from "../../dtype.js";
import { type Initializer, initializerFields, isInitializer } from "../../random/initializer.js";
import type { TensorType } from "../../tensor.js";
import type { AttributeKind, AttributeTypes } from "../attributes.js";
import type { Scanner } from "./scan.js";

/** `float32[2, 3]` */
export function readType(scanner: Scanner): TensorType {
  const dtype = readDType(scanner);
  return { dtype, shape: readList(scanner, readInteger) };
}

export function readNumber(scanner: Scanner): number {
  const { kind, text } = scanner.token;
  if (kind !== "number" && !scanner.sees("NaN") && !scanner.sees("Infinity"))
    scanner.fail("expected a number");
  scanner.take();
  return Number(text);
}

function readInteger(scanner: Scanner): number {
  const { token } = scanner;
  const value = readNumber(scanner);
  return Number.isSafeInteger(value) ? value : scanner.fail("expected an integer", token);
}

function readList(scanner: Scanner, element: (scanner: Scanner) => number): number[] {
  scanner.expect("[");
  const values: number[] = [];
  if (scanner.skip("]")) return values;
  do values.push(element(scanner));
  while (scanner.skip(","));
  if (!scanner.sees("]")) scanner.fail('expected "," or "]"');
  scanner.take();
  return values;
}

/** A single number, which fills a tensor, or its elements. */
export function readElements(scanner: Scanner): number[] {
  return scanner.sees("[") ? readList(scanner, readNumber) : [readNumber(scanner)];
}

function readDType(scanner: Scanner): DType {
  const { kind, text } = scanner.token;
  if (kind !== "name" || !isDType(text))
    return scanner.fail(`expected a dtype (${Object.keys(dtypes).join(", ")})`);
  scanner.take();
  return text;
}

/** The kinds of initial values that are written as calls. */
const drawn = Object.entries(initializerFields).filter(([kind]) => kind !== "constant" && kind !== "values");

export function readInitializer(scanner: Scanner): Initializer {
  if (scanner.sees("[")) return { kind: "values", values: readList(scanner, readNumber) };
  const { token } = scanner;
  if (token.kind !== "name" || scanner.sees("NaN") || scanner.sees("Infinity")) {
    return { kind: "constant", value: readNumber(scanner) };
  }
  const known = drawn.find(([kind]) => kind === token.text);
  if (known === undefined) {
    const kinds = drawn.map(([kind]) => `${kind}(...)`).join(", ");
    return scanner.fail(`expected an initial value: a number, a list of numbers or one of ${kinds}`);
  }
  scanner.take();
  const [kind, fields] = known;
  const numbers: [string, number][] = [];
  for (const field of fields) {
    scanner.expect(numbers.length === 0 ? "(" : ",");
    scanner.expect(field);
    scanner.expect(":");
    numbers.push([field, readNumber(scanner)]);
  }
  scanner.expect(")");
  const initializer: unknown = { kind, ...Object.fromEntries(numbers) };
  return isInitializer(initializer) ? initializer : scanner.fail("expected an initializer", token);
}

function readBoolean(scanner: Scanner): boolean {
  if (!scanner.sees("true") && !scanner.sees("false")) scanner.fail('expected "true" or "false"');
  return scanner.take().text === "true";
}

function readString(scanner: Scanner): string {
  if (scanner.token.kind !== "string") scanner.fail("expected a string in quotes");
  return scanner.take().text;
}

/** The value of an attribute of a kind, from the text that follows its colon. */
export const attributeReaders: {
  readonly [Kind in AttributeKind]: (scanner: Scanner) => AttributeTypes[Kind];
} = {
  integer: readInteger,
  integers: (scanner) => readList(scanner, readInteger),
  number: readNumber,
  numbers: (scanner) => readList(scanner, readNumber),
  boolean: readBoolean,
  string: readString,
  dtype: readDType,
  initializer: readInitializer,
};
