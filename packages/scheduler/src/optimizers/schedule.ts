/** Learning rates as nodes over the number of the step (1 in the first; see `stepCounter`). */

import { add, cos, div, floor, minimum, mul, type Node, pow, sub } from "@adjoint/core";

/** rate · factor^⌊(step − 1) / every⌋. */
export function stepDecay<Feeds extends string>(
  step: Node<Feeds>,
  { rate, factor, every }: { readonly rate: number; readonly factor: number; readonly every: number },
): Node<Feeds> {
  return mul(rate, pow(factor, floor(div(sub(step, 1), every))));
}

/**
 * From `rate` to `floor` along half a cosine over `steps` steps, then `floor`.
 * Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5.
 */
export function cosineDecay<Feeds extends string>(
  step: Node<Feeds>,
  {
    rate,
    steps,
    floor: lowest = 0,
  }: { readonly rate: number; readonly steps: number; readonly floor?: number },
): Node<Feeds> {
  const progress = minimum(div(sub(step, 1), steps), 1);
  return add(mul((rate - lowest) / 2, add(cos(mul(Math.PI, progress)), 1)), lowest);
}

/** Multiplies a rate by step / steps during the first `steps` steps. */
export function warmUp<Feeds extends string>(
  step: Node<Feeds>,
  rate: Node<Feeds> | number,
  steps: number,
): Node<Feeds> {
  return mul(rate, minimum(div(step, steps), 1));
}
