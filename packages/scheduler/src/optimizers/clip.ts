/** Gradients made smaller before an optimizer uses them. */

import { add, clip, div, GradientError, minimum, mul, type Node, sqrt, square, sum } from "@adjoint/core";
import type { Pair } from "./optimizer.js";

/** √Σ‖gradient‖² over all gradients, as a scalar. @throws GradientError for no gradients. */
export function globalNorm<Feeds extends string>(gradients: readonly Node<Feeds>[]): Node<Feeds> {
  const squares = gradients.map((gradient) => sum(square(gradient)));
  const [first, ...rest] = squares;
  if (first === undefined) throw new GradientError("globalNorm needs at least one gradient.");
  return sqrt(rest.reduce<Node<Feeds>>((total, next) => add(total, next), first));
}

/**
 * Scales all gradients alike so that their global norm is at most `maxNorm`: by min(1, maxNorm / (norm + 1e-6)), as
 * PyTorch. Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 */
export function clipByGlobalNorm<Feeds extends string>(
  pairs: readonly Pair<Feeds>[],
  maxNorm: number,
): Pair<Feeds>[] {
  const norm = globalNorm(pairs.map(([, gradient]) => gradient));
  const scale = minimum<Feeds>(div<Feeds>(maxNorm, add<Feeds>(norm, 1e-6)), 1);
  return pairs.map(([parameter, gradient]) => [parameter, mul(scale, gradient)]);
}

/** Clips every element of every gradient to [-limit, limit]. */
export function clipByValue<Feeds extends string>(
  pairs: readonly Pair<Feeds>[],
  limit: number,
): Pair<Feeds>[] {
  return pairs.map(([parameter, gradient]) => [parameter, clip(gradient, -limit, limit)]);
}
