/** Normalizations as plain functions over reductions. Variances are the biased ones, except where running ones are kept. */

import { AttributeError, ShapeError } from "../errors.js";
import type { Update } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { pow, rsqrt, square } from "../ops/exponential.js";
import { reshape } from "../ops/movement.js";
import { pad } from "../ops/pad.js";
import { mean, sum } from "../ops/reduction.js";
import { windows } from "../ops/windows.js";
import { extentOf, formatShape, normalizeAxes, normalizeAxis, sameShape, sizeOf } from "../shape.js";

export interface AffineOptions<Feeds extends string = string> {
  /** Multiplies what is normalized; 1 unless given. */
  readonly weight?: Node<Feeds>;
  /** Is added at last; 0 unless given. */
  readonly bias?: Node<Feeds>;
  /** Is added to the variance; 1e-5 unless given. */
  readonly epsilon?: number;
}

interface Moments<Feeds extends string> {
  readonly mean: Node<Feeds>;
  readonly variance: Node<Feeds>;
  readonly centered: Node<Feeds>;
}

function momentsOf<Feeds extends string>(x: Node<Feeds>, axes: readonly number[]): Moments<Feeds> {
  const average = mean(x, { axes, keepDims: true });
  const centered = sub(x, average);
  return { mean: average, variance: mean(square(centered), { axes, keepDims: true }), centered };
}

function affine<Feeds extends string>(
  x: Node<Feeds>,
  weight: Node<Feeds> | undefined,
  bias: Node<Feeds> | undefined,
): Node<Feeds> {
  const scaled = weight === undefined ? x : mul(x, weight);
  return bias === undefined ? scaled : add(scaled, bias);
}

/** One entry per channel as a tensor that broadcasts along every other axis. */
function perChannel<Feeds extends string>(
  values: Node<Feeds> | undefined,
  x: Node<Feeds>,
  axis: number,
  what: string,
): Node<Feeds> | undefined {
  if (values === undefined) return undefined;
  const channels = extentOf(x.shape, axis);
  if (!sameShape(values.shape, [channels])) {
    throw new ShapeError(
      `${what}: ${String(values)} must be [${channels}], one per channel of ${String(x)}.`,
      String(values),
    );
  }
  return reshape(values, [channels, ...new Array<number>(x.shape.length - axis - 1).fill(1)]);
}

export interface LayerNormOptions<Feeds extends string = string> extends AffineOptions<Feeds> {
  /** The axes that are normalized together; the last unless given. */
  readonly axes?: readonly number[] | number;
}

/** (x - mean) / √(variance + epsilon) over axes, then weight and bias, which broadcast. Source: Ba et al., arXiv:1607.06450. */
export function layerNorm<Feeds extends string>(
  x: Node<Feeds>,
  options: LayerNormOptions<Feeds> = {},
): Node<Feeds> {
  const { axes = -1, weight, bias, epsilon = 1e-5 } = options;
  const { variance, centered } = momentsOf(x, normalizeAxes(axes, x.shape.length, "layerNorm"));
  return affine(mul(centered, rsqrt(add(variance, epsilon))), weight, bias);
}

/** x / √(mean of squares + epsilon) over axes, then the weight. Source: Zhang & Sennrich, arXiv:1910.07467. */
export function rmsNorm<Feeds extends string>(
  x: Node<Feeds>,
  { axes = -1, weight, epsilon = 1e-5 }: Omit<LayerNormOptions<Feeds>, "bias"> = {},
): Node<Feeds> {
  const power = mean(square(x), { axes: normalizeAxes(axes, x.shape.length, "rmsNorm"), keepDims: true });
  return affine(mul(x, rsqrt(add(power, epsilon))), weight, undefined);
}

export interface BatchNormOptions<Feeds extends string = string> extends AffineOptions<Feeds> {
  /** The axis of channels; 1 unless given. */
  readonly axis?: number;
}

export interface RunningStatistics<Feeds extends string = string> {
  /** One per channel. */
  readonly mean: Node<Feeds>;
  readonly variance: Node<Feeds>;
}

/** Batch normalization at inference: (x - mean) / √(variance + epsilon) per channel, then weight and bias per channel. */
export function batchNorm<Feeds extends string>(
  x: Node<Feeds>,
  running: RunningStatistics<Feeds>,
  { axis = 1, weight, bias, epsilon = 1e-5 }: BatchNormOptions<Feeds> = {},
): Node<Feeds> {
  const at = normalizeAxis(axis, x.shape.length, "batchNorm");
  const channels = (values: Node<Feeds> | undefined): Node<Feeds> | undefined =>
    perChannel(values, x, at, "batchNorm");
  const centered = sub(x, channels(running.mean) ?? 0);
  const deviation = rsqrt(add(channels(running.variance) ?? 1, epsilon));
  return affine(mul(centered, deviation), channels(weight), channels(bias));
}

export interface BatchNormTrainingOptions<Feeds extends string = string> extends BatchNormOptions<Feeds> {
  /** Parameters [channels] that keep running statistics. */
  readonly running?: RunningStatistics<Feeds>;
  /** How far running statistics move towards those of the batch at each step; 0.1 unless given. */
  readonly momentum?: number;
}

export interface BatchNormTraining<Feeds extends string = string> {
  readonly output: Node<Feeds>;
  /** For the graph's updates: running ← (1 - momentum) · running + momentum · batch. The variance kept is the unbiased one. */
  readonly updates: readonly Update<Feeds>[];
}

/**
 * Batch normalization while training: with the statistics of the batch per channel, and updates of running ones.
 * Source: Ioffe & Szegedy, arXiv:1502.03167. @throws ShapeError for a single value per channel.
 */
export function batchNormTraining<Feeds extends string>(
  x: Node<Feeds>,
  options: BatchNormTrainingOptions<Feeds> = {},
): BatchNormTraining<Feeds> {
  const { axis = 1, weight, bias, epsilon = 1e-5, running, momentum = 0.1 } = options;
  const at = normalizeAxis(axis, x.shape.length, "batchNormTraining");
  const axes = [...x.shape.keys()].filter((other) => other !== at);
  const count = sizeOf(axes.map((other) => extentOf(x.shape, other)));
  if (count === 1) {
    throw new ShapeError(
      `batchNormTraining: ${String(x)} has a single value per channel: it has no variance.`,
      String(x),
    );
  }
  const { mean: average, variance, centered } = momentsOf(x, axes);
  const channels = (values: Node<Feeds> | undefined): Node<Feeds> | undefined =>
    perChannel(values, x, at, "batchNormTraining");
  const output = affine(mul(centered, rsqrt(add(variance, epsilon))), channels(weight), channels(bias));
  if (running === undefined) return { output, updates: [] };
  const moved = (parameter: Node<Feeds>, batch: Node<Feeds>): Update<Feeds> => ({
    parameter,
    value: add(mul(parameter, 1 - momentum), mul(reshape(batch, parameter.shape), momentum)),
  });
  const unbiased = mul(variance, count / (count - 1));
  return { output, updates: [moved(running.mean, average), moved(running.variance, unbiased)] };
}

/** Layer normalization of groups of channels: x [N, C, …], C divided into groups, weight and bias [C]. Source: arXiv:1803.08494. */
export function groupNorm<Feeds extends string>(
  x: Node<Feeds>,
  groups: number,
  { weight, bias, epsilon = 1e-5 }: AffineOptions<Feeds> = {},
): Node<Feeds> {
  const [batch, channels, ...spatial] = x.shape;
  if (
    batch === undefined ||
    channels === undefined ||
    !Number.isInteger(groups) ||
    groups < 1 ||
    channels % groups !== 0
  ) {
    throw new AttributeError(
      `groupNorm: the channels of ${String(x)} ([N, C, …]) do not divide into ${groups} groups.`,
    );
  }
  const split = reshape(x, [batch, groups, channels / groups, ...spatial]);
  const axes = split.shape.map((_, axis) => axis).slice(2);
  const normalized = reshape(layerNorm(split, { axes, epsilon }), x.shape);
  return affine(normalized, perChannel(weight, x, 1, "groupNorm"), perChannel(bias, x, 1, "groupNorm"));
}

/** Normalization of every channel of every example: x [N, C, …], weight and bias [C]. Source: arXiv:1607.08022. */
export function instanceNorm<Feeds extends string>(
  x: Node<Feeds>,
  { weight, bias, epsilon = 1e-5 }: AffineOptions<Feeds> = {},
): Node<Feeds> {
  if (x.shape.length < 3) {
    throw new ShapeError(
      `instanceNorm: ${String(x)} must be [N, C, …] with spatial axes, not ${formatShape(x.shape)}.`,
      String(x),
    );
  }
  const axes = x.shape.map((_, axis) => axis).slice(2);
  const normalized = layerNorm(x, { axes, epsilon });
  return affine(normalized, perChannel(weight, x, 1, "instanceNorm"), perChannel(bias, x, 1, "instanceNorm"));
}

export interface LocalResponseOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}

/**
 * x / (k + alpha / size · Σ x²)^beta, summed over `size` neighboring channels of x [N, C, …]; of an even size one more
 * before than after. Source: Krizhevsky et al. 2012, with PyTorch's division by the size.
 */
export function localResponseNorm<Feeds extends string>(
  x: Node<Feeds>,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseOptions = {},
): Node<Feeds> {
  const before = Math.floor(size / 2);
  const widths = x.shape.map((_, axis): [number, number] =>
    axis === 1 ? [before, size - 1 - before] : [0, 0],
  );
  const neighbors = windows(pad(square(x), widths), [size], { axes: [1] });
  const power = sum(neighbors, { axes: -1 });
  return div(x, pow(add(mul(power, alpha / size), k), beta));
}
