/** Attention and its position encoding as plain functions over products and softmax. */

import { ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, cast, greaterEqual, mul, where } from "../ops/arithmetic.js";
import { matmul } from "../ops/contraction.js";
import { constant, iota } from "../ops/leaf.js";
import { expandDims, reshape, transpose } from "../ops/movement.js";
import { reverse } from "../ops/slice.js";
import { softmax } from "../ops/softmax.js";
import { cos, sin } from "../ops/trigonometric.js";
import { extentOf, formatShape } from "../shape.js";
import { dropout } from "./random.js";

export interface AttentionOptions<Feeds extends string = string> {
  /** Broadcasts to […, queries, keys]: bool is true where a query may see a key; a float is added to the scores. */
  readonly mask?: Node<Feeds>;
  /** Query i sees keys 0 … i only. */
  readonly causal?: boolean;
  /** Multiplies the scores; 1 / √features unless given. */
  readonly scale?: number;
  /** Sets weights to 0 with this probability. */
  readonly dropout?: { readonly key: Node<Feeds>; readonly rate: number };
}

/** Scores of what may not be seen: below all others, but finite, so that a row of nothing else has a softmax. */
function unseen(scores: Node): number {
  return scores.dtype === "float16" ? -3e4 : -1e30;
}

/**
 * softmax(scale · q kᵀ) v: q […, queries, features], k […, keys, features], v […, keys, values] → […, queries, values]; leading
 * axes broadcast. A query that a bool mask lets see nothing gives 0. Source: Vaswani et al., arXiv:1706.03762.
 */
export function scaledDotProductAttention<Feeds extends string>(
  q: Node<Feeds>,
  k: Node<Feeds>,
  v: Node<Feeds>,
  options: AttentionOptions<Feeds> = {},
): Node<Feeds> {
  const features = q.shape.at(-1);
  if (features === undefined || q.shape.length < 2 || k.shape.length < 2 || k.shape.at(-1) !== features) {
    throw new ShapeError(
      `scaledDotProductAttention: q ${formatShape(q.shape)} and k ${formatShape(k.shape)} must be […, queries, features] and ` +
        "[…, keys, features].",
      String(q),
    );
  }
  const { mask, causal = false, scale = 1 / Math.sqrt(features) } = options;
  const products = mul(matmul(q, transpose(k)), scale);
  const scores = mask === undefined || mask.dtype === "bool" ? products : add(products, mask);
  const [queries, keys] = [
    extentOf(scores.shape, scores.shape.length - 2),
    extentOf(scores.shape, scores.shape.length - 1),
  ];
  const past = greaterEqual(iota([queries, keys], 0), iota([queries, keys], 1));
  const limited = causal ? where(past, scores, unseen(scores)) : scores;
  const isMasked = mask !== undefined && mask.dtype === "bool";
  const weights = softmax(isMasked ? where(mask, limited, unseen(scores)) : limited);
  const seen = isMasked ? where(mask, causal ? where(past, weights, 0) : weights, 0) : weights;
  const kept =
    options.dropout === undefined ? seen : dropout(seen, options.dropout.key, options.dropout.rate);
  return matmul(kept, v);
}

export interface RotaryOptions<Feeds extends string = string> {
  /** The slowest rotation takes 2π · base positions; 10 000 unless given. */
  readonly base?: number;
  /** Positions, integers that broadcast to […, T]; 0 … T - 1 unless given. */
  readonly positions?: Node<Feeds>;
  /** Rotate neighboring features 2i and 2i + 1, rather than i and i + D / 2. */
  readonly interleaved?: boolean;
}

/**
 * Rotates pairs of features by angles that grow with the position: x […, T, D] with even D → […, T, D], pair i at position t by
 * t · base^(-2i / D). Source: Su et al., arXiv:2104.09864.
 */
export function rotaryEmbedding<Feeds extends string>(
  x: Node<Feeds>,
  options: RotaryOptions<Feeds> = {},
): Node<Feeds> {
  const [length, features] = x.shape.slice(-2);
  if (length === undefined || features === undefined || features % 2 !== 0) {
    throw new ShapeError(`rotaryEmbedding: ${String(x)} must be […, T, D] with an even D.`, String(x));
  }
  const { base = 10_000, interleaved = false, positions = iota([length]) } = options;
  const half = features / 2;
  const rates = Array.from({ length: half }, (_, i) => base ** (-i / half));
  const steps = expandDims(cast(positions, x.dtype), -1);
  const angles = expandDims(
    mul(steps, constant(rates, { dtype: x.dtype, shape: [half] })),
    interleaved ? -1 : -2,
  );
  const pairs = reshape(x, [...x.shape.slice(0, -1), ...(interleaved ? [half, 2] : [2, half])]);
  const other = interleaved ? -1 : -2;
  const direction = constant([-1, 1], { dtype: x.dtype, shape: interleaved ? [2] : [2, 1] });
  const turned = mul(reverse(pairs, other), mul(sin(angles), direction));
  return reshape(add(mul(pairs, cos(angles)), turned), x.shape);
}
