/** Optimizers that scale each element by its gradient's history: RMSprop, Adagrad, Lion. */

import { add, div, mul, type Node, sign, sqrt, square, sub, type Update } from "@adjoint/core";
import { type Pair, type Rate, stateFor } from "./optimizer.js";
import { decayed } from "./sgd.js";

export interface RmsPropOptions<Feeds extends string = never> {
  readonly learningRate: Rate<Feeds>;
  /** Weight of the past in the running mean of squares. */
  readonly alpha?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/**
 * parameter ← parameter − learningRate · g / (√s + epsilon) with s ← alpha · s + (1 − alpha) · g².
 * Source: Hinton, "Neural networks for machine learning", lecture 6e; epsilon outside the root as in PyTorch.
 */
export function rmsProp<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  { learningRate, alpha = 0.99, epsilon = 1e-8, weightDecay = 0 }: RmsPropOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  return scaled(pairs, learningRate, epsilon, weightDecay, "rmsprop.square", (state, g) =>
    add(mul(alpha, state), mul(1 - alpha, square(g))),
  );
}

export interface AdagradOptions<Feeds extends string = never> {
  readonly learningRate: Rate<Feeds>;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/**
 * parameter ← parameter − learningRate · g / (√s + epsilon) with s ← s + g².
 * Source: Duchi, Hazan & Singer, "Adaptive subgradient methods", JMLR 2011.
 */
export function adagrad<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  { learningRate, epsilon = 1e-10, weightDecay = 0 }: AdagradOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  return scaled(pairs, learningRate, epsilon, weightDecay, "adagrad.sum", (state, g) =>
    add(state, square(g)),
  );
}

function scaled<Feeds extends string, RateFeeds extends string>(
  pairs: readonly Pair<Feeds>[],
  learningRate: Rate<RateFeeds>,
  epsilon: number,
  weightDecay: number,
  name: string,
  accumulate: (state: Node<Feeds>, gradient: Node<Feeds>) => Node<Feeds>,
): Update<Feeds | RateFeeds>[] {
  type All = Feeds | RateFeeds;
  return pairs.flatMap(([parameter, gradient]): Update<All>[] => {
    const g = decayed(parameter, gradient, weightDecay);
    const state = stateFor(parameter, name);
    const squares = accumulate(state, g);
    const direction = div<All>(g, add<All>(sqrt(squares), epsilon));
    return [
      { parameter: state, value: squares },
      { parameter, value: sub<All>(parameter, mul<All>(learningRate, direction)) },
    ];
  });
}

export interface LionOptions<Feeds extends string = never> {
  readonly learningRate: Rate<Feeds>;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly weightDecay?: number;
}

/**
 * parameter ← parameter − learningRate · (sign(beta1 · m + (1 − beta1) · g) + weightDecay · parameter),
 * m ← beta2 · m + (1 − beta2) · g. Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.
 */
export function lion<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  { learningRate, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 }: LionOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  type All = Feeds | RateFeeds;
  return pairs.flatMap(([parameter, gradient]): Update<All>[] => {
    const m = stateFor(parameter, "lion.m");
    const blend = (beta: number): Node<All> => add<All>(mul<All>(beta, m), mul<All>(1 - beta, gradient));
    const direction = decayed<All>(parameter, sign(blend(beta1)), weightDecay);
    return [
      { parameter: m, value: blend(beta2) },
      { parameter, value: sub<All>(parameter, mul<All>(learningRate, direction)) },
    ];
  });
}
