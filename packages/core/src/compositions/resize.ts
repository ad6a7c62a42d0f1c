/** Resampling of axes to other extents, one axis after the other: a few weighted taps per result. */

import { AttributeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { mul } from "../ops/arithmetic.js";
import { gatherAt } from "../ops/indexing.js";
import { constant } from "../ops/leaf.js";
import { reshape } from "../ops/movement.js";
import { sum } from "../ops/reduction.js";
import { extentOf } from "../shape.js";
import { adaptiveAveragePool } from "./pooling.js";

export type ResizeMode = "nearest" | "nearestExact" | "linear" | "cubic" | "area";

export interface ResizeOptions {
  /** `nearest` rounds positions down, `nearestExact` to the nearest center; `area` averages regions. `nearest` unless given. */
  readonly mode?: ResizeMode;
  /** Whether the first and last elements (rather than the outer edges) of both tensors coincide; for linear and cubic. */
  readonly alignCorners?: boolean;
}

/** For each result, which elements it is made of and with what weight. */
interface Taps {
  readonly positions: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
}

interface AxisGeometry {
  readonly extent: number;
  readonly count: number;
  /** Elements per result. */
  readonly scale: number;
}

/** Weights of the four neighbors of a point t past the second (Keys 1981 with a = -3/4, as PyTorch and ONNX). */
export function cubicWeights(t: number): [number, number, number, number] {
  const a = -0.75;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

function clamp(position: number, extent: number): number {
  return Math.max(0, Math.min(extent - 1, position));
}

/** Where the centers of results lie among the elements. */
function centers({ extent, count, scale }: AxisGeometry, alignCorners: boolean): number[] {
  const step = count > 1 ? (extent - 1) / (count - 1) : 0;
  return Array.from({ length: count }, (_, t) => (alignCorners ? t * step : (t + 0.5) * scale - 0.5));
}

const tapsOf = {
  nearest: ({ extent, count, scale }) =>
    single(Array.from({ length: count }, (_, t) => clamp(Math.floor(t * scale), extent))),
  nearestExact: ({ extent, count, scale }) =>
    single(Array.from({ length: count }, (_, t) => clamp(Math.floor((t + 0.5) * scale), extent))),
  linear: (geometry, alignCorners) => {
    const { extent } = geometry;
    const from = centers(geometry, alignCorners).map((center) => Math.max(0, center));
    return {
      positions: from.map((center) => [
        clamp(Math.floor(center), extent),
        clamp(Math.floor(center) + 1, extent),
      ]),
      weights: from.map((center) => [1 - (center - Math.floor(center)), center - Math.floor(center)]),
    };
  },
  cubic: (geometry, alignCorners) => {
    const from = centers(geometry, alignCorners);
    return {
      positions: from.map((center) =>
        [-1, 0, 1, 2].map((k) => clamp(Math.floor(center) + k, geometry.extent)),
      ),
      weights: from.map((center) => cubicWeights(center - Math.floor(center))),
    };
  },
} as const satisfies Record<
  Exclude<ResizeMode, "area">,
  (geometry: AxisGeometry, alignCorners: boolean) => Taps
>;

function single(positions: readonly number[]): Taps {
  return { positions: positions.map((position) => [position]), weights: positions.map(() => [1]) };
}

function resample<Feeds extends string>(
  x: Node<Feeds>,
  axis: number,
  { positions, weights }: Taps,
): Node<Feeds> {
  const count = positions.length;
  const taps = positions[0]?.length ?? 1;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const ones = after.map(() => 1);
  if (taps === 1) {
    const indices = reshape(constant(positions, { dtype: "int32" }), [count, ...ones]);
    return gatherAt(x, [indices], sourcesOf(x, axis, 0), [...before, count, ...after], 0);
  }
  const indices = reshape(constant(positions, { dtype: "int32" }), [count, taps, ...ones]);
  const read = gatherAt(x, [indices], sourcesOf(x, axis, 1), [...before, count, taps, ...after], 0);
  const factors = reshape(constant(weights, { dtype: x.dtype }), [count, taps, ...ones]);
  return sum(mul(read, factors), { axes: axis + 1 });
}

function sourcesOf(x: Node, axis: number, inserted: number): number[] {
  return x.shape.map((_, other) => (other < axis ? other : other === axis ? -1 : other + inserted));
}

/** New extents of the last axes, or factors that give ⌊extent · factor⌋ and scale positions exactly. */
export type ResizeTarget = { readonly extents: readonly number[] } | { readonly scales: readonly number[] };

/**
 * Resizes the last axes of x, as PyTorch's interpolate and ONNX's Resize with half-pixel centers (or aligned corners) do:
 * x […, S…] → […, extents…]. Positions beyond the edge take the edge element. Integers only with the nearest modes.
 */
export function resize<Feeds extends string>(
  x: Node<Feeds>,
  target: ResizeTarget,
  { mode = "nearest", alignCorners = false }: ResizeOptions = {},
): Node<Feeds> {
  const wanted = "extents" in target ? target.extents : target.scales;
  const first = x.shape.length - wanted.length;
  if (first < 0 || wanted.some((value) => !(value > 0))) {
    throw new AttributeError(
      `resize: [${wanted}] must be positive, one for each of the last axes of ${String(x)}.`,
    );
  }
  const axes = wanted.map((value, k): AxisGeometry => {
    const extent = extentOf(x.shape, first + k);
    const count = "extents" in target ? value : Math.floor(extent * value);
    return { extent, count, scale: "extents" in target ? extent / count : 1 / value };
  });
  if (axes.some(({ extent, count }) => count < 1 || extent < 1 || !Number.isInteger(count))) {
    throw new AttributeError(`resize: [${wanted}] gives an axis of ${String(x)} no elements.`);
  }
  if (mode === "area")
    return adaptiveAveragePool(
      x,
      axes.map(({ count }) => count),
    );
  return axes.reduce<Node<Feeds>>(
    (result, geometry, k) => resample(result, first + k, tapsOf[mode](geometry, alignCorners)),
    x,
  );
}
