/** Stochastic gradient descent, plain and with momentum. */

import { add, mul, type Node, sub, type Update } from "@adjoint/core";
import { type Pair, type Rate, stateFor } from "./optimizer.js";

export interface SgdOptions<Feeds extends string = never> {
  readonly learningRate: Rate<Feeds>;
  /** Weight of the running direction; none is kept at 0. */
  readonly momentum?: number;
  /** Looks ahead along the running direction (Nesterov). */
  readonly nesterov?: boolean;
  /** Adds this multiple of the parameter to its gradient. */
  readonly weightDecay?: number;
}

/**
 * parameter ← parameter − learningRate · direction, where direction is the gradient g, or with momentum the state
 * v ← momentum · v + g, or with Nesterov's look-ahead g + momentum · v. As PyTorch's SGD without dampening.
 * Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
 */
export function sgd<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  { learningRate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  return pairs.flatMap(([parameter, gradient]) => {
    const g = decayed(parameter, gradient, weightDecay);
    const moved = (direction: Node<Feeds>): Update<Feeds | RateFeeds> => ({
      parameter,
      value: sub<Feeds | RateFeeds>(parameter, mul<Feeds | RateFeeds>(learningRate, direction)),
    });
    if (momentum === 0) return [moved(g)];
    const state = stateFor(parameter, "momentum");
    const velocity: Node<Feeds> = add<Feeds>(mul<Feeds>(momentum, state), g);
    return [
      { parameter: state, value: velocity },
      moved(nesterov ? add(g, mul(momentum, velocity)) : velocity),
    ];
  });
}

/** The gradient of the objective with `decay`/2 · ‖parameter‖² added. */
export function decayed<Feeds extends string>(
  parameter: Node<never>,
  gradient: Node<Feeds>,
  decay: number,
): Node<Feeds> {
  return decay === 0 ? gradient : add<Feeds>(gradient, mul<Feeds>(decay, parameter));
}
