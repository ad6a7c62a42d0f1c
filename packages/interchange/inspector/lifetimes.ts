/** Which values a plan holds when: each from the step that writes it to the last that reads it. It refuses to place anything. */

import { lastUse, type Plan, type PlanBuffer, type StoredValue, storedValues } from "@adjoint/scheduler";

export interface Value extends StoredValue {
  /** The last step that needs it; the number of steps for an output. */
  readonly last: number;
}

export class Lifetimes {
  readonly plan: Plan;
  readonly values: readonly Value[];
  readonly #byName = new Map<string, Value[]>();
  readonly #steps = new Map<string, number[]>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.values = storedValues(plan).map((value) => ({ ...value, last: lastUse(value) }));
    for (const value of this.values) push(this.#byName, value.name, value);
    for (const [step, { nodes }] of plan.steps.entries())
      for (const name of new Set(nodes)) push(this.#steps, name, step);
  }

  /** Values of the arena under a name: several where it is computed again. */
  of(name: string): readonly Value[] {
    return this.#byName.get(name) ?? [];
  }

  /** The steps that evaluate a node, whether they store it or not. */
  stepsOf(name: string): readonly number[] {
    return this.#steps.get(name) ?? [];
  }

  liveAt(step: number): Value[] {
    return this.values.filter(({ written, last }) => written <= step && step <= last);
  }

  buffer(index: number): PlanBuffer | undefined {
    return this.plan.buffers[index];
  }

  /** The buffer of an input, parameter or constant. */
  given(name: string): PlanBuffer | undefined {
    return this.plan.buffers.find(({ space, nodes }) => space !== "arena" && nodes.includes(name));
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
