/** Initial values of parameters as host data. It refuses to write them anywhere. */

import { dtypes, initialize, initializerOf, type Node, sizeOf } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";
import type { Backend, HostArray } from "../backend/backend.js";
import type { ParameterSlot } from "../plan/plan.js";
import { hostArray } from "./tensor.js";

/** What the initial value of a parameter follows from. */
export type Drawable = Pick<ParameterSlot, "name" | "dtype" | "shape" | "initializer">;

export function drawableOf(parameter: Node): Drawable {
  const { dtype, shape } = parameter;
  return { name: String(parameter.attributes["name"]), dtype, shape, initializer: initializerOf(parameter) };
}

/** What a parameter is before the first update. @throws ShapeError for a list of values that does not fill its shape. */
export function initialValue(slot: Drawable): HostArray {
  const { name, initializer, shape, dtype } = slot;
  const drawn = initialize(initializer, shape);
  const data = dtypes[dtype].kind === "float" ? drawn : drawn.map((element) => convertScalar(element, dtype));
  return hostArray(data, slot, name);
}

export type NamedValue = readonly [name: string, data: HostArray];

/** Elements from which on drawing takes longer than another thread takes to start. */
const worthAnother = 2 ** 18;

/** Elements that may wait to be taken, but for those of one slot: drawing ahead must not take as much memory as all parameters. */
const mostAhead = 2 ** 24;

/**
 * Initial values to be taken one by one. Where they are many and the backend draws beside this thread it begins at once, in
 * the order given, and stays ahead of what is taken.
 */
export class InitialValues {
  readonly #draw: (slot: Drawable) => Promise<HostArray>;
  readonly #rest: Map<string, Drawable>;
  readonly #begun = new Map<string, Promise<HostArray>>();
  #ahead = 0;

  constructor(slots: readonly Drawable[], backend: Backend) {
    const drawn = slots.reduce((sum, slot) => sum + (isDrawn(slot) ? sizeOf(slot.shape) : 0), 0);
    const beside = backend.draw !== undefined && drawn >= worthAnother;
    this.#draw = async (slot) => (beside ? backend.draw?.(slot) : undefined) ?? initialValue(slot);
    this.#rest = new Map(beside ? slots.map((slot) => [slot.name, slot]) : []);
    this.#begin();
  }

  async take(slot: Drawable): Promise<HostArray> {
    const begun = this.#begun.get(slot.name);
    this.#rest.delete(slot.name);
    if (begun === undefined) return this.#draw(slot);
    this.#begun.delete(slot.name);
    const value = await begun;
    this.#ahead -= value.length;
    this.#begin();
    return value;
  }

  #begin(): void {
    for (const [name, slot] of this.#rest) {
      if (this.#ahead >= mostAhead) break;
      this.#rest.delete(name);
      const value = this.#draw(slot);
      // Nobody hears of those that fail if nobody takes them.
      value.catch(() => undefined);
      this.#begun.set(name, value);
      this.#ahead += sizeOf(slot.shape);
    }
  }
}

function isDrawn({ initializer }: Drawable): boolean {
  return initializer.kind !== "constant" && initializer.kind !== "values";
}

/** The values of slots by name, in order. */
export async function* valuesOf(
  slots: Iterable<ParameterSlot>,
  values: InitialValues,
): AsyncGenerator<NamedValue> {
  for (const slot of slots) yield [slot.name, await values.take(slot)];
}
