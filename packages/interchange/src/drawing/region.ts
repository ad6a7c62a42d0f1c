/** The marks of a picture by their scopes, one within the other. */

import { enclosing } from "../scope.js";
import type { Mark } from "./picture.js";

export interface Region {
  /** Empty for the whole picture. */
  readonly scope: string;
  readonly marks: Mark[];
  readonly inner: Region[];
}

export function nested(marks: readonly Mark[]): Region {
  const whole: Region = { scope: "", marks: [], inner: [] };
  const known = new Map<string, Region>([["", whole]]);
  const regionOf = (path: readonly string[]): Region => {
    const scope = path.at(-1) ?? "";
    const found = known.get(scope);
    if (found !== undefined) return found;
    const made: Region = { scope, marks: [], inner: [] };
    known.set(scope, made);
    regionOf(path.slice(0, -1)).inner.push(made);
    return made;
  };
  for (const mark of marks) regionOf(enclosing(mark.scope)).marks.push(mark);
  return whole;
}
