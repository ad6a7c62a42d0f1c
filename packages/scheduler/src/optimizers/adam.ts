/** Adam and AdamW. */

import { add, div, expm1, mul, type Node, neg, sqrt, square, sub, type Update } from "@adjoint/core";
import { type Pair, type Rate, stateFor, stepCounter } from "./optimizer.js";
import { decayed } from "./sgd.js";

export interface AdamOptions<Feeds extends string = never> {
  readonly learningRate: Rate<Feeds>;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment. */
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Prefix of the state's names; give each of several optimizers over the same parameters its own. */
  readonly name?: string;
}

/**
 * Adam: parameter ← parameter − learningRate · m̂ / (√v̂ + epsilon) with the bias-corrected moments m̂ and v̂; weight decay
 * is added to the gradient. Source: Kingma & Ba, "Adam", ICLR 2015, algorithm 1.
 */
export function adam<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  options: AdamOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  const { weightDecay = 0 } = options;
  const penalized = pairs.map(
    ([parameter, gradient]): Pair<Feeds> => [parameter, decayed(parameter, gradient, weightDecay)],
  );
  return moments(penalized, options, ([parameter]) => parameter);
}

/**
 * AdamW: Adam whose weight decay shrinks the parameter itself by learningRate · weightDecay (0.01 unless given).
 * Source: Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export function adamW<Feeds extends string, RateFeeds extends string = never>(
  pairs: readonly Pair<Feeds>[],
  options: AdamOptions<RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  const { learningRate, weightDecay = 0.01 } = options;
  return moments<Feeds, RateFeeds>(pairs, options, ([parameter]) => {
    const rate =
      typeof learningRate === "number" ? learningRate * weightDecay : mul(weightDecay, learningRate);
    return sub<Feeds | RateFeeds>(parameter, mul<Feeds | RateFeeds>(rate, parameter));
  });
}

function moments<Feeds extends string, RateFeeds extends string>(
  pairs: readonly Pair<Feeds>[],
  { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, name = "adam" }: AdamOptions<RateFeeds>,
  start: (pair: Pair<Feeds>) => Node<Feeds | RateFeeds>,
): Update<Feeds | RateFeeds>[] {
  type All = Feeds | RateFeeds;
  const [first] = pairs;
  if (first === undefined) return [];
  const counter = stepCounter(`${name}.step`, first[0]);
  const correction1 = lessPower(beta1, counter.step);
  const correction2 = sqrt(lessPower(beta2, counter.step));
  const updates = pairs.flatMap((pair): Update<All>[] => {
    const [parameter, gradient] = pair;
    const [m, v] = [stateFor(parameter, `${name}.m`), stateFor(parameter, `${name}.v`)];
    const mean: Node<All> = add<All>(mul<All>(beta1, m), mul<All>(1 - beta1, gradient));
    const variance: Node<All> = add<All>(mul<All>(beta2, v), mul<All>(1 - beta2, square(gradient)));
    const scale = add<All>(div<All>(sqrt(variance), correction2), epsilon);
    const step = mul<All>(div<All>(learningRate, correction1), div<All>(mean, scale));
    return [
      { parameter: m, value: mean },
      { parameter: v, value: variance },
      { parameter, value: sub<All>(start(pair), step) },
    ];
  });
  return [counter.update, ...updates];
}

/** 1 − beta^step without cancellation: −expm1(step · log beta). */
function lessPower(beta: number, step: Node<never>): Node<never> {
  return neg(expm1(mul(Math.log(beta), step)));
}
