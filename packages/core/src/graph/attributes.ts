/** Attribute schemas of ops: a closed set of value kinds, checked where nodes are built, parsed or loaded. */

import { type DType, dtypes, isDType } from "../dtype.js";
import { AttributeError } from "../errors.js";
import type { Initializer } from "../random/initializer.js";
import { isInitializer } from "../random/initializer.js";

export interface AttributeTypes {
  readonly integer: number;
  readonly integers: readonly number[];
  readonly number: number;
  readonly numbers: readonly number[];
  readonly boolean: boolean;
  readonly string: string;
  readonly dtype: DType;
  readonly initializer: Initializer;
}

export type AttributeKind = keyof AttributeTypes;
export type AttributeValue = AttributeTypes[AttributeKind];
export type AttributeSchema = Readonly<Record<string, AttributeKind>>;
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

/** The values that a schema describes. */
export type Attributes<Schema extends AttributeSchema> = {
  readonly [Name in keyof Schema]: AttributeTypes[Schema[Name]];
};

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Whether an unknown value is of a kind. */
export const attributeKinds = {
  integer: (value) => Number.isSafeInteger(value),
  integers: (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
  number: isNumber,
  numbers: (value) => Array.isArray(value) && value.every(isNumber),
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  dtype: isDType,
  initializer: isInitializer,
} as const satisfies Record<AttributeKind, (value: unknown) => boolean>;

/** @throws AttributeError naming the attribute that is missing, unknown or of the wrong kind. */
export function checkAttributes(schema: AttributeSchema, values: Readonly<Record<string, unknown>>): void {
  for (const [name, kind] of Object.entries(schema)) {
    if (!Object.hasOwn(values, name))
      throw new AttributeError(`attribute ${name} (${kind}) is missing`, name);
    if (!attributeKinds[kind](values[name])) {
      const wanted = kind === "dtype" ? `one of ${Object.keys(dtypes).join(", ")}` : `of kind ${kind}`;
      throw new AttributeError(`attribute ${name} must be ${wanted}`, name);
    }
  }
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(schema, name)) {
      const known = Object.keys(schema).join(", ") || "none";
      throw new AttributeError(`attribute ${name} is unknown (known: ${known})`, name);
    }
  }
}
