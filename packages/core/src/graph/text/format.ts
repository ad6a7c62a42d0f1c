/** How names, numbers and attribute values read in the text form. It refuses to lose anything but the sign of integer 0. */

import { type Initializer, initializerFields } from "../../random/initializer.js";
import { formatShape } from "../../shape.js";
import type { AttributeKind, AttributeTypes } from "../attributes.js";
import { isIdentifier } from "../names.js";

/** Bare where it is an identifier, otherwise as a JSON string. */
export function formatName(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name);
}

/** The shortest decimal that reads back as the same float64, -0, NaN and ±Infinity included. */
export function formatNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

export function formatNumbers(values: readonly number[]): string {
  return `[${values.map(formatNumber).join(", ")}]`;
}

/** `0`, `[1, 2]` or `normal(mean: 0, std: 0.05, seed: 1)`. */
export function formatInitializer(initializer: Initializer): string {
  const { kind } = initializer;
  if (kind === "constant") return formatNumber(initializer.value);
  if (kind === "values") return formatNumbers(initializer.values);
  const numbers = new Map<string, unknown>(Object.entries(initializer));
  const fields = initializerFields[kind].map(
    (field) => `${field}: ${formatNumber(Number(numbers.get(field)))}`,
  );
  return `${kind}(${fields.join(", ")})`;
}

const formats: { readonly [Kind in AttributeKind]: (value: AttributeTypes[Kind]) => string } = {
  integer: String,
  integers: formatShape,
  number: formatNumber,
  numbers: formatNumbers,
  boolean: String,
  string: (value) => JSON.stringify(value),
  dtype: String,
  initializer: formatInitializer,
};

export function formatAttribute<Kind extends AttributeKind>(kind: Kind, value: AttributeTypes[Kind]): string {
  return formats[kind](value);
}
