/** What may be an update of a parameter. It refuses to know when it happens. */

import { NameError, ShapeError } from "../errors.js";
import { sameShape } from "../shape.js";
import { formatType } from "../tensor.js";
import type { Update } from "./graph.js";
import type { Node } from "./node.js";

/**
 * Checks one update and adds its parameter to those that have one.
 * @throws NameError for what is not a parameter or has an update already, ShapeError for a value of another type.
 */
export function checkUpdate({ parameter, value }: Update, updated: Set<Node>): void {
  const shown = String(parameter);
  if (parameter.op.name !== "parameter")
    throw new NameError(`Only parameters can be updated, not ${shown}.`, shown);
  if (updated.has(parameter)) throw new NameError(`${shown} is updated twice.`, shown);
  updated.add(parameter);
  if (parameter.dtype !== value.dtype || !sameShape(parameter.shape, value.shape)) {
    throw new ShapeError(
      `The update of ${shown} must be ${formatType(parameter)}, not ${String(value)}.`,
      shown,
    );
  }
}
