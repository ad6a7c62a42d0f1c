/** Reads untrusted JSON values, each with its path for errors, and writes the numbers that JSON lacks. It refuses to know forms. */

import { type DType, dtypes, isDType } from "./dtype.js";
import { ParseError } from "./errors.js";
import { type Initializer, initializerFields, isInitializer } from "./random/initializer.js";

/** A number in JSON: NaN, infinities and -0 are strings. */
export type NumberJson = number | "NaN" | "Infinity" | "-Infinity" | "-0";

/** Keyed by kind like `Initializer`. */
export interface InitializerJson {
  readonly kind: string;
  readonly [field: string]: string | NumberJson | readonly NumberJson[];
}

const special: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

export function writeNumber(value: number): NumberJson {
  if (Object.is(value, -0)) return "-0";
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return value;
  return value > 0 ? "Infinity" : "-Infinity";
}

export function writeInitializer(initializer: Initializer): InitializerJson {
  const { kind } = initializer;
  if (kind === "values") return { kind, values: initializer.values.map(writeNumber) };
  const numbers = new Map<string, unknown>(Object.entries(initializer));
  const fields = initializerFields[kind].map(
    (field) => [field, writeNumber(Number(numbers.get(field)))] as const,
  );
  return { kind, ...Object.fromEntries(fields) };
}

/** @throws ParseError with the path and what was found. */
export function refuse(expected: string, found: unknown, path: string): never {
  throw new ParseError(`expected ${expected}, found ${describe(found)}`, path);
}

function describe(found: unknown): string {
  if (found === undefined) return "nothing";
  if (Array.isArray(found)) return "a list";
  if (typeof found === "object" && found !== null) return "an object";
  const shown = typeof found === "string" ? JSON.stringify(found) : String(found);
  return shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
}

export function readRecord(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse("an object", value, path);
  return new Map(Object.entries(value));
}

export function readList<T>(value: unknown, path: string, element: (value: unknown, path: string) => T): T[] {
  if (!Array.isArray(value)) return refuse("a list", value, path);
  return value.map((entry: unknown, position) => element(entry, `${path}[${position}]`));
}

export function readString(value: unknown, path: string): string {
  return typeof value === "string" ? value : refuse("a string", value, path);
}

export function readNumber(value: unknown, path: string): number {
  const number = typeof value === "number" ? value : special.get(value);
  return number ?? refuse('a number, "NaN", "Infinity", "-Infinity" or "-0"', value, path);
}

export function readInteger(value: unknown, path: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : refuse("an integer", value, path);
}

export function readBoolean(value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : refuse("true or false", value, path);
}

export function readDType(value: unknown, path: string): DType {
  return isDType(value) ? value : refuse(`a dtype (${Object.keys(dtypes).join(", ")})`, value, path);
}

export function readIntegers(value: unknown, path: string): number[] {
  return readList(value, path, readInteger);
}

export function readNumbers(value: unknown, path: string): number[] {
  return readList(value, path, readNumber);
}

/** An unknown field is an error: it would change what the value is. */
export function readInitializer(value: unknown, path: string): Initializer {
  const fields = [...readRecord(value, path)].map(([field, entry]): [string, unknown] => {
    if (field === "kind") return [field, entry];
    const read = Array.isArray(entry) ? readNumbers : readNumber;
    return [field, read(entry, `${path}.${field}`)];
  });
  const initializer: unknown = Object.fromEntries(fields);
  if (!isInitializer(initializer)) return refuse("an initializer", value, path);
  const known: readonly string[] = ["kind", ...fieldsOf(initializer)];
  const unknown = fields.find(([field]) => !known.includes(field));
  return unknown === undefined ? initializer : refuse(known.join(", "), unknown[0], path);
}

function fieldsOf({ kind }: Initializer): readonly string[] {
  return kind === "values" ? ["values"] : initializerFields[kind];
}

/** A count, size or position. */
export function readNatural(value: unknown, path: string): number {
  const integer = readInteger(value, path);
  return integer >= 0 ? integer : refuse("an integer that is not negative", value, path);
}

/** One of a few words. */
export function readChoice<T extends string>(choices: readonly T[], value: unknown, path: string): T {
  return (
    choices.find((choice) => choice === value) ??
    refuse(choices.map((choice) => `"${choice}"`).join(" or "), value, path)
  );
}
