/** Initial values of parameters as host data. It refuses to write them anywhere. */

import { dtypes, initialize, sizeOf } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";
import type { Backend, HostArray } from "../backend/backend.js";
import type { ParameterSlot } from "../plan/plan.js";
import { hostArray } from "./tensor.js";

/** What a parameter is before the first update. @throws ShapeError for a list of values that does not fill its shape. */
export function initialValue(slot: ParameterSlot): HostArray {
  const { name, initializer, shape, dtype } = slot;
  const drawn = initialize(initializer, shape);
  const data = dtypes[dtype].kind === "float" ? drawn : drawn.map((element) => convertScalar(element, dtype));
  return hostArray(data, slot, name);
}

export type NamedValue = readonly [name: string, data: HostArray];

/** Elements from which on drawing takes longer than another thread takes to start. */
const worthAnother = 2 ** 18;

/**
 * Names and initial values in order. Where they are many and the backend draws beside this thread it begins at once, and stays
 * ahead of what is taken.
 */
export function initialValues(
  slots: readonly ParameterSlot[],
  backend: Backend,
): Iterable<NamedValue> | AsyncIterable<NamedValue> {
  const drawn = slots.reduce((sum, slot) => sum + (isDrawn(slot) ? sizeOf(slot.shape) : 0), 0);
  return backend.draw === undefined || drawn < worthAnother
    ? drawnHere(slots)
    : drawnAhead(slots, (slot) => backend.draw?.(slot) ?? Promise.resolve(initialValue(slot)));
}

function isDrawn({ initializer }: ParameterSlot): boolean {
  return initializer.kind !== "constant" && initializer.kind !== "values";
}

function* drawnHere(slots: Iterable<ParameterSlot>): Generator<NamedValue> {
  for (const slot of slots) yield [slot.name, initialValue(slot)];
}

/** Elements that may wait to be taken, but for those of one slot: drawing ahead must not take as much memory as all parameters. */
const mostAhead = 2 ** 24;

function drawnAhead(
  slots: readonly ParameterSlot[],
  draw: (slot: ParameterSlot) => Promise<HostArray>,
): AsyncIterable<NamedValue> {
  const begun: Promise<HostArray>[] = [];
  let ahead = 0;
  const begin = (): void => {
    for (
      let next = slots[begun.length];
      next !== undefined && ahead < mostAhead;
      next = slots[begun.length]
    ) {
      const value = draw(next);
      // Who stops taking values does not hear of those that fail.
      value.catch(() => undefined);
      begun.push(value);
      ahead += sizeOf(next.shape);
    }
  };
  begin();
  return (async function* () {
    for (const [position, slot] of slots.entries()) {
      const value = await begun[position];
      ahead -= sizeOf(slot.shape);
      begin();
      if (value !== undefined) yield [slot.name, value];
    }
  })();
}
