/** What optimizers share: their arguments, their state as named parameters, and their step counter. */

import { add, constant, filled, type Node, parameter, type Update } from "@adjoint/core";

/** A parameter and the gradient of the objective with respect to it. */
export type Pair<Feeds extends string = string> = readonly [parameter: Node<never>, gradient: Node<Feeds>];

/** A number, or a scalar node of the parameters' dtype: an input, or a schedule. */
export type Rate<Feeds extends string = never> = number | Node<Feeds>;

/** State of one optimizer for one parameter: zeros (or another fill) of its type, saved and restored like any parameter. */
export function stateFor(owner: Node, name: string, fill = 0): Node<never> {
  const dtype = owner.dtype;
  return parameter(`${String(owner.attributes["name"])}.${name}`, owner.shape, filled(fill), {
    dtype,
    state: true,
  });
}

/** A scalar state that counts steps from 1, and its update. */
export interface StepCounter {
  /** The number of this step: 1 in the first. */
  readonly step: Node<never>;
  readonly update: Update<never>;
}

/** float32 counts exactly to 2^24 steps, float64 beyond any training. */
export function stepCounter(name: string, like: Node): StepCounter {
  const counter = parameter(name, [], filled(0), { dtype: like.dtype, state: true });
  const step = add(counter, constant(1, { dtype: like.dtype }));
  return { step, update: { parameter: counter, value: step } };
}
