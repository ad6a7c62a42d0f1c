/** Initial values of parameters as host data. It refuses to write them anywhere. */

import { dtypes, initialize } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";
import type { HostArray } from "../backend/backend.js";
import type { ParameterSlot } from "../plan/plan.js";
import { hostArray } from "./tensor.js";

/** What a parameter is before the first update. @throws ShapeError for a list of values that does not fill its shape. */
function initialValue(slot: ParameterSlot): HostArray {
  const { name, initializer, shape, dtype } = slot;
  const drawn = initialize(initializer, shape);
  const data = dtypes[dtype].kind === "float" ? drawn : drawn.map((element) => convertScalar(element, dtype));
  return hostArray(data, slot, name);
}

export type NamedValue = readonly [name: string, data: HostArray];

/** Initial values by name, each drawn when it is asked for. @throws the reason of the signal when that is aborted. */
export function* initialValues(
  slots: Iterable<ParameterSlot>,
  signal: AbortSignal | undefined,
): Generator<NamedValue> {
  for (const slot of slots) {
    signal?.throwIfAborted();
    yield [slot.name, initialValue(slot)];
  }
}
