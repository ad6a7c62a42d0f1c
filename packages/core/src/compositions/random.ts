/**
 * Random tensors from explicit keys: the same key gives the same bits on every backend. A key is uint32 [2]; use each key
 * once, and derive others with `foldIn` and `splitKey`. Nothing here is differentiable by the key.
 */

import type { DType } from "../dtype.js";
import { AttributeError, DTypeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, cast, less, mul, neg, sub, where } from "../ops/arithmetic.js";
import { stack } from "../ops/concat.js";
import { log, sqrt } from "../ops/exponential.js";
import { constant, iota } from "../ops/leaf.js";
import { rightShift } from "../ops/logic.js";
import { reshape, squeeze } from "../ops/movement.js";
import { threefry } from "../ops/random.js";
import { sliceAxis } from "../ops/slice.js";
import { argSort } from "../ops/sorting.js";
import { erfinv } from "../ops/special.js";
import { cos } from "../ops/trigonometric.js";
import { keyWords } from "../random/threefry.js";
import { erf } from "../scalar/special.js";
import { type Shape, sameShape, sizeOf } from "../shape.js";
import { argMax } from "./statistics.js";

/** Second counter words: what a draw is for. Derived keys never share a counter with numbers. */
const purposes = { first: 0, second: 1, derived: 0xffffffff } as const;

function word(value: number): Node<never> {
  return constant(value, { dtype: "uint32" });
}

/** A key from a seed, any non-negative safe integer: uint32 [2]. */
export function randomKey(seed: number): Node<never> {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AttributeError(
      `randomKey: the seed ${seed} must be a non-negative integer below 2^53.`,
      "seed",
    );
  }
  return constant(keyWords(seed), { dtype: "uint32" });
}

function wordsOf<Feeds extends string>(key: Node<Feeds>): [Node<Feeds>, Node<Feeds>] {
  if (key.dtype !== "uint32" || !sameShape(key.shape, [2])) {
    throw new ShapeError(`A random key is uint32 [2], not ${String(key)}.`, String(key));
  }
  return [squeeze(sliceAxis(key, 0, 0, 1), 0), squeeze(sliceAxis(key, 0, 1, 2), 0)];
}

function draw<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  which: 0 | 1,
  purpose: number,
): Node<Feeds> {
  const count = reshape(iota([sizeOf(shape)], 0, "uint32"), shape);
  return threefry(wordsOf(key), [count, word(purpose)], which);
}

/** Independent uniform 32-bit words: uint32. */
export function randomBits<Feeds extends string>(key: Node<Feeds>, shape: Shape): Node<Feeds> {
  return draw(key, shape, 0, purposes.first);
}

/** Another key for each value in [0, 2^32): a number, or an integer scalar such as a step counter. */
export function foldIn<Feeds extends string>(key: Node<Feeds>, value: Node<Feeds> | number): Node<Feeds> {
  if (typeof value === "number" && value !== value >>> 0) {
    throw new AttributeError(`foldIn: ${value} must be an integer in [0, 2^32).`, "value");
  }
  const counter: [Node<Feeds>, Node<Feeds>] = [
    typeof value === "number" ? word(value) : cast(value, "uint32"),
    word(purposes.derived),
  ];
  const words = wordsOf(key);
  return stack([threefry(words, counter, 0), threefry(words, counter, 1)]);
}

/** Independent keys from one, which must not be used itself afterwards. */
export function splitKey<Feeds extends string>(key: Node<Feeds>, count = 2): Node<Feeds>[] {
  return Array.from({ length: count }, (_, index) => foldIn(key, index));
}

/** Random bits that a float dtype can hold exactly in [0, 1). */
const precision = { float16: 11, float32: 24, float64: 53 } as const satisfies Partial<Record<DType, number>>;

type Float = keyof typeof precision;

function isFloatName(dtype: DType): dtype is Float {
  return Object.hasOwn(precision, dtype);
}

/** Multiples of 2^-precision in [0, 1), from both words of the counter where one has too few bits. */
function unit<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  dtype: DType,
  purpose: number,
): Node<Feeds> {
  if (!isFloatName(dtype)) throw new DTypeError(`Random numbers are of a float dtype, not ${dtype}.`, dtype);
  const bits = precision[dtype];
  const high = draw(key, shape, 0, purpose);
  if (bits <= 32) return mul(cast(rightShift(high, 32 - bits), dtype), 2 ** -bits);
  const low = draw(key, shape, 1, purpose);
  const upper = mul(cast(rightShift(high, 5), dtype), 2 ** -27);
  return add(upper, mul(cast(rightShift(low, 6), dtype), 2 ** -53));
}

export interface RandomOptions {
  readonly dtype?: DType;
}

/** Independent elements uniform in [low, high). */
export function randomUniform<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  {
    low = 0,
    high = 1,
    dtype = "float32",
  }: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): Node<Feeds> {
  const base = unit(key, shape, dtype, purposes.first);
  return low === 0 && high === 1 ? base : add(mul(base, high - low), low);
}

export interface NormalOptions extends RandomOptions {
  readonly mean?: number;
  readonly std?: number;
}

function shifted<Feeds extends string>(
  standard: Node<Feeds>,
  { mean = 0, std = 1 }: NormalOptions,
): Node<Feeds> {
  const scaled = std === 1 ? standard : mul(standard, std);
  return mean === 0 ? scaled : add(scaled, mean);
}

/** Independent N(mean, std²) elements, by Box and Muller's transform. */
export function randomNormal<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  options: NormalOptions = {},
): Node<Feeds> {
  const { dtype = "float32" } = options;
  const radius = sqrt(mul(log(sub(1, unit(key, shape, dtype, purposes.first))), -2));
  const angle = mul(unit(key, shape, dtype, purposes.second), 2 * Math.PI);
  return shifted(mul(radius, cos(angle)), options);
}

/** Independent N(mean, std²) elements, given that each lies within [low, high] standard deviations of the mean: ±2 unless given. */
export function randomTruncatedNormal<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  options: NormalOptions & { readonly low?: number; readonly high?: number } = {},
): Node<Feeds> {
  const { low = -2, high = 2, dtype = "float32" } = options;
  const [from, to] = [erf(low / Math.SQRT2), erf(high / Math.SQRT2)];
  const share = unit(key, shape, dtype, purposes.first);
  return shifted(mul(erfinv(add(mul(share, to - from), from)), Math.SQRT2), options);
}

/** True with the given probability: bool. */
export function randomBernoulli<Feeds extends string>(
  key: Node<Feeds>,
  shape: Shape,
  probability: Node<Feeds> | number = 0.5,
): Node<Feeds> {
  const dtype = typeof probability === "number" ? "float32" : probability.dtype;
  return less(unit(key, shape, dtype, purposes.first), probability);
}

/**
 * Class indices drawn with probabilities softmax(logits) over the last axis: logits […, classes] → int32 […]. The largest of
 * logits with Gumbel noise. Source: Gumbel 1954; Maddison et al., arXiv:1411.0030.
 */
export function randomCategorical<Feeds extends string>(key: Node<Feeds>, logits: Node<Feeds>): Node<Feeds> {
  const noise = neg(log(neg(log(unit(key, logits.shape, logits.dtype, purposes.first)))));
  return argMax(add(logits, noise), { axis: -1 });
}

/** 0 … count - 1 in random order: int32 [count]. */
export function randomPermutation<Feeds extends string>(key: Node<Feeds>, count: number): Node<Feeds> {
  return argSort(randomBits(key, [count]));
}

/** x with elements set to 0 with probability `rate`, the others divided by 1 - rate so that the mean stays. */
export function dropout<Feeds extends string>(x: Node<Feeds>, key: Node<Feeds>, rate: number): Node<Feeds> {
  if (!(rate >= 0 && rate <= 1))
    throw new AttributeError(`dropout: the rate ${rate} must be in [0, 1].`, "rate");
  if (rate === 0) return x;
  const kept = randomBernoulli(key, x.shape, 1 - rate);
  return where(kept, rate === 1 ? x : mul(x, 1 / (1 - rate)), 0);
}
