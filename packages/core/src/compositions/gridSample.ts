/** Sampling of images at given points: gathers with weights that are differentiable by the points. */

import { ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, cast, clip, mul, sub } from "../ops/arithmetic.js";
import { gatherAt } from "../ops/indexing.js";
import { expandDims, squeeze } from "../ops/movement.js";
import { abs, floor, mod, round } from "../ops/rounding.js";
import { sliceAxis } from "../ops/slice.js";
import { formatShape } from "../shape.js";

export interface GridSampleOptions {
  readonly mode?: "linear" | "nearest" | "cubic";
  /** What points outside read: 0 (unless given), the nearest edge, or the mirrored image. */
  readonly padding?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centers of the first and last elements, rather than their outer edges. */
  readonly alignCorners?: boolean;
}

/** One axis of the image and the points on it, in elements. */
interface Axis<Feeds extends string> {
  readonly extent: number;
  readonly points: Node<Feeds>;
}

/** An element position and its weight, each [N, 1, P…]. */
interface Tap<Feeds extends string> {
  readonly position: Node<Feeds>;
  readonly weight: Node<Feeds> | undefined;
}

/** Points brought into the image, as far as the padding does that. */
function confine<Feeds extends string>(
  points: Node<Feeds>,
  extent: number,
  { padding = "zeros", alignCorners = false }: GridSampleOptions,
): Node<Feeds> {
  if (padding === "zeros") return points;
  if (padding === "border") return clip(points, 0, extent - 1);
  const [low, span] = alignCorners ? [0, extent - 1] : [-0.5, extent];
  if (span === 0) return mul(points, 0);
  // A triangle wave: distances from the lower end fold back at the upper one.
  const phase = mod(abs(sub(points, low)), 2 * span);
  const folded = sub(span, abs(sub(phase, span)));
  return clip(add(folded, low), 0, extent - 1);
}

function cubicWeight<Feeds extends string>(distance: Node<Feeds>, isNear: boolean): Node<Feeds> {
  const a = -0.75;
  if (isNear) return add(mul(mul(sub(mul(distance, a + 2), a + 3), distance), distance), 1);
  return sub(mul(add(mul(sub(mul(distance, a), 5 * a), distance), 8 * a), distance), 4 * a);
}

function tapsOf<Feeds extends string>(
  { extent, points }: Axis<Feeds>,
  options: GridSampleOptions,
): Tap<Feeds>[] {
  const { mode = "linear" } = options;
  if (mode === "nearest") {
    return [{ position: cast(round(confine(points, extent, options)), "int32"), weight: undefined }];
  }
  const exact = mode === "linear" ? confine(points, extent, options) : points;
  const first = floor(exact);
  const past = sub(exact, first);
  if (mode === "linear") {
    return [
      { position: cast(first, "int32"), weight: sub(1, past) },
      { position: cast(add(first, 1), "int32"), weight: past },
    ];
  }
  return [-1, 0, 1, 2].map((k) => ({
    position: cast(confine(add(first, k), extent, options), "int32"),
    weight: cubicWeight(k <= 0 ? sub(past, k) : sub(k, past), k === 0 || k === 1),
  }));
}

/**
 * The values of images at points: x [N, C, H, W], grid [N, P…, 2] with (horizontal, vertical) positions in [-1, 1] →
 * [N, C, P…], as PyTorch's grid_sample. Differentiable by both, except by nearest points. Volumes [N, C, D, H, W] take
 * triples.
 */
export function gridSample<Feeds extends string>(
  x: Node<Feeds>,
  grid: Node<Feeds>,
  options: GridSampleOptions = {},
): Node<Feeds> {
  const spatial = x.shape.length - 2;
  if (spatial < 1 || grid.shape.at(-1) !== spatial || grid.shape[0] !== x.shape[0] || grid.shape.length < 2) {
    throw new ShapeError(
      `gridSample: x must be [N, C, …] and grid [N, …, coordinates], not ${formatShape(x.shape)} and ${formatShape(grid.shape)}.`,
      String(grid),
    );
  }
  const [batch = 0, channels = 0, ...extents] = x.shape;
  const places = grid.shape.slice(1, -1);
  const taps = extents.map((extent, axis) => {
    const coordinate = squeeze(sliceAxis(grid, -1, spatial - 1 - axis, spatial - axis), -1);
    const stretch = (options.alignCorners ?? false) ? extent - 1 : extent;
    const points = add(mul(coordinate, stretch / 2), (extent - 1) / 2);
    return tapsOf({ extent, points: expandDims(points, 1) }, options);
  });
  const sources = [0, 1, ...extents.map((_, axis) => -1 - axis)];
  const shape = [batch, channels, ...places];
  return combinations(taps)
    .map((choice) => {
      const value = gatherAt(
        x,
        choice.map(({ position }) => position),
        sources,
        shape,
        0,
      );
      return choice.reduce(
        (product, { weight }) => (weight === undefined ? product : mul(product, weight)),
        value,
      );
    })
    .reduce((total, term) => add(total, term));
}

/** One tap per axis, in every combination. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (chosen, list) => chosen.flatMap((some) => list.map((one) => [...some, one])),
    [[]],
  );
}
