/** Padding: with a constant as one op, by repeating the edge, mirroring or wrapping around as joined slices. */

import { AttributeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { opFunction } from "../graph/op.js";
import { extentOf } from "../shape.js";
import { concat } from "./concat.js";
import { broadcastTo } from "./reduction.js";
import { padConstant, padOp, slice, sliceAxis } from "./slice.js";

/** Elements before and after an axis; negative ones are cut off. */
export type PadWidth = readonly [low: number, high: number];

export type PadMode = "constant" | "reflect" | "edge" | "wrap" | "symmetric";

export interface PadOptions {
  /** `reflect` mirrors without, `symmetric` with the edge element; `edge` repeats it; `wrap` is periodic. */
  readonly mode?: PadMode;
  /** What `constant` fills with, 0 when absent. */
  readonly value?: number;
  /** Elements filled in between neighbors per axis, only with `constant`. */
  readonly interior?: readonly number[];
}

/** The remainder with the sign of the divisor. */
function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

/** The element of an axis of the extent that stands at a position outside or inside of it. */
const sources = {
  reflect: (position, extent) => {
    const phase = extent === 1 ? 0 : modulo(position, 2 * extent - 2);
    return phase < extent ? phase : 2 * extent - 2 - phase;
  },
  symmetric: (position, extent) => {
    const phase = modulo(position, 2 * extent);
    return phase < extent ? phase : 2 * extent - 1 - phase;
  },
  edge: (position, extent) => Math.max(0, Math.min(extent - 1, position)),
  wrap: modulo,
} as const satisfies Record<Exclude<PadMode, "constant">, (position: number, extent: number) => number>;

/** Consecutive positions cut into runs of constant step -1, 0 or 1. */
function runs(positions: readonly number[]): { first: number; step: number; length: number }[] {
  const result: { first: number; step: number; length: number }[] = [];
  for (const position of positions) {
    const run = result.at(-1);
    const step = run === undefined ? 0 : position - (run.first + run.step * (run.length - 1));
    if (run !== undefined && Math.abs(step) <= 1 && (run.length === 1 || step === run.step)) {
      result[result.length - 1] = { first: run.first, step, length: run.length + 1 };
    } else result.push({ first: position, step: 0, length: 1 });
  }
  return result;
}

function padAxis<Feeds extends string>(
  x: Node<Feeds>,
  axis: number,
  [low, high]: PadWidth,
  source: (position: number, extent: number) => number,
): Node<Feeds> {
  const extent = extentOf(x.shape, axis);
  if (low === 0 && high === 0) return x;
  if (extent === 0)
    throw new ShapeError(`pad: axis ${axis} of ${String(x)} has no element to repeat.`, String(x));
  const positions = Array.from({ length: Math.max(0, extent + low + high) }, (_, i) =>
    source(i - low, extent),
  );
  const pieces = runs(positions).map(({ first, step, length }) => {
    const end = first + step * length;
    if (step !== 0) return sliceAxis(x, axis, first, end < 0 ? undefined : end, step);
    const shape = x.shape.map((other, position) => (position === axis ? length : other));
    return broadcastTo(sliceAxis(x, axis, first, first + 1), shape);
  });
  return pieces.length === 0 ? sliceAxis(x, axis, 0, 0) : concat(pieces, axis);
}

/**
 * Surrounds x with more elements: one [low, high] per axis, a single one for all.
 * @throws AttributeError for another number of widths, or interior widths with another mode than `constant`.
 */
export const pad = opFunction(
  padOp,
  <Feeds extends string>(
    x: Node<Feeds>,
    widths: readonly PadWidth[] | PadWidth,
    options: PadOptions = {},
  ): Node<Feeds> => {
    const { mode = "constant", value = 0, interior = x.shape.map(() => 0) } = options;
    const all = isWidth(widths) ? x.shape.map((): PadWidth => widths) : widths;
    if (all.length !== x.shape.length || interior.length !== x.shape.length) {
      throw new AttributeError(
        `pad: expected one width per axis of ${String(x)}, not ${all.length}.`,
        "widths",
      );
    }
    if (mode === "constant") {
      const low = all.map(([width]) => Math.max(0, width));
      const high = all.map(([, width]) => Math.max(0, width));
      const padded = padConstant(x, { low, high, interior, value });
      const cut = all.some((pair) => pair.some((width) => width < 0));
      if (!cut) return padded;
      return slice(
        padded,
        all.map(([before, after]) => [before < 0 ? -before : 0, after < 0 ? after : undefined]),
      );
    }
    if (interior.some((width) => width !== 0)) {
      throw new AttributeError(`pad: interior widths go with mode "constant", not "${mode}".`, "interior");
    }
    let result = x;
    for (const [axis, width] of all.entries()) result = padAxis(result, axis, width, sources[mode]);
    return result;
  },
);

function isWidth(widths: readonly PadWidth[] | PadWidth): widths is PadWidth {
  return typeof widths[0] === "number";
}
