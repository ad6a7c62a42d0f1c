/** Stochastic gradient descent as graph updates. */

import { mul, type Node, sub, type Update } from "@adjoint/core";

export interface SgdOptions<Feeds extends string = string> {
  /** A number, or a scalar node of the parameters' dtype (an input, or a schedule). */
  readonly learningRate: number | Node<Feeds>;
}

type Pair<Feeds extends string> = readonly [parameter: Node<never>, gradient: Node<Feeds>];

/** parameter ← parameter − learningRate · gradient, for each pair. */
export function sgd<Feeds extends string, Rate extends string = never>(
  pairs: readonly Pair<Feeds>[],
  { learningRate }: SgdOptions<Rate>,
): Update<Feeds | Rate>[] {
  return pairs.map(([parameter, gradient]) => ({
    parameter,
    value: sub<Feeds | Rate>(parameter, mul<Feeds | Rate>(learningRate, gradient)),
  }));
}
