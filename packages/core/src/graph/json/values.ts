/** How the value of each kind of attribute is read. It refuses to know graphs. */

import {
  readBoolean,
  readDType,
  readInitializer,
  readInteger,
  readIntegers,
  readNumber,
  readNumbers,
  readString,
} from "../../json.js";
import type { AttributeKind, AttributeTypes } from "../attributes.js";

/** The value of an attribute of a kind. */
export const attributeReaders: {
  readonly [Kind in AttributeKind]: (value: unknown, path: string) => AttributeTypes[Kind];
} = {
  integer: readInteger,
  integers: readIntegers,
  number: readNumber,
  numbers: readNumbers,
  boolean: readBoolean,
  string: readString,
  dtype: readDType,
  initializer: readInitializer,
};
