/**
 * Finds sums over positions along which both operands move, of which the right one is read at neighboring positions by neighboring
 * columns: what the weights of a convolution receive. Vectors then lie along the sum, and a tap is an address: one copy of the
 * operand with its border serves all taps, and no patch is written out. It refuses to emit.
 */

import { type Affine, addAffine, axisTimes, type Load } from "@adjoint/core/kernel";
import type { Features } from "../../engine/features.js";
import { balanced, type Loops, wholeTiles } from "./blocking.js";
import type { Contraction } from "./recognize.js";

/** An axis of the right operand along which the points of the sum move, and perhaps an axis of columns. */
export interface Along {
  /** Axes of the sum and of columns, in the numbering of the kernel. */
  readonly point: number;
  readonly tap: number | undefined;
  /** Positions from one point, and from one tap, to the next. */
  readonly step: number;
  readonly tapStep: number;
  readonly taps: number;
}

export interface Correlation {
  readonly loops: Loops;
  readonly right: Load;
  /** Along which vectors lie, and the next axis outside, if the sum has one. */
  readonly x: Along;
  readonly y: Along | undefined;
  /** Columns of which each has a copy of its own. */
  readonly still: readonly number[];
  /** Most points of the sum along x and y in a piece. */
  readonly points: { readonly x: number; readonly y: number };
  readonly lanes: 4 | 8;
}

/** Least share of the lanes that have to be of use. */
const fewestLanes = 0.6;
/** Most points along x, which are done without a loop, and most in a row of a panel. */
const longest = 64;
const mostPoints = 2048;
/** Most lanes of sums, and most elements of a copy. */
const mostSums = 2 ** 19;
const largest = 2 ** 18;

export function findCorrelation(contraction: Contraction, features: Features): Correlation | undefined {
  const { kernel, rows, columns, reduced, right } = contraction;
  const lanes = features.wide ? 8 : 4;
  const extent = (axis: number): number => kernel.axes[axis]?.extent ?? 1;
  const size = (axes: readonly number[]): number => axes.reduce((product, axis) => product * extent(axis), 1);
  const lastRow = rows.at(-1);
  if (lastRow === undefined || right.kind !== "load" || right.indirect.length > 0 || size(rows) < 2)
    return undefined;
  const last = reduced.length - 1;
  const x = findAlong(contraction, right, last, []);
  const y =
    last > 0 ? findAlong(contraction, right, last - 1, x?.tap === undefined ? [] : [x.tap]) : undefined;
  if (x === undefined || (last > 0 && y === undefined)) return undefined;
  const extents = { x: reduced[last] ?? 1, y: reduced[last - 1] ?? 1 };
  if (extents.x < fewestLanes * lanes * Math.ceil(extents.x / lanes)) return undefined;
  if (x.taps * (y?.taps ?? 1) < 3) return undefined;
  const across = wholeTiles(extents.x, longest, lanes);
  const points = Math.max(...across.map(({ factor }) => factor));
  const down = balanced(extents.y, Math.max(1, Math.floor(mostPoints / points)));
  const box = spanOf(x, points) * (y === undefined ? 1 : spanOf(y, down[0]?.factor ?? 1));
  const still = columns.filter((axis) => axis !== x.tap && axis !== y?.tap);
  const [cut, ...inner] = still;
  const sums = ((size(rows) * size(columns)) / size(still)) * lanes;
  const room = Math.floor(Math.min(largest / box, mostSums / sums) / size(inner));
  if (room < 1) return undefined;
  return {
    loops: {
      outerColumns: [],
      columnCut: cut === undefined ? undefined : { axis: cut, parts: balanced(extent(cut), room) },
      innerColumns: columns.filter((axis) => axis !== cut),
      outerRows: rows.slice(0, -1),
      rowCut: { axis: lastRow, parts: balanced(extent(lastRow), features.tile.rows) },
      reducedCuts: [
        ...reduced.slice(0, -2).map((count, axis) => ({ axis, parts: [{ base: 0, count, factor: 1 }] })),
        ...(last > 0 ? [{ axis: last - 1, parts: down }] : []),
        { axis: last, parts: across },
      ],
    },
    right: x.step === 1 ? right : within(right, x, extents.x),
    x,
    y,
    still,
    points: { x: points, y: down[0]?.factor ?? 1 },
    lanes,
  };
}

/** Positions that so many points and all taps reach. */
export function spanOf({ step, tapStep, taps }: Along, points: number): number {
  return step * (points - 1) + tapStep * (taps - 1) + 1;
}

/** The axis on which neighbors are one position apart. */
export function unitOf({ point, tap, tapStep }: Along): number {
  return tap !== undefined && tapStep === 1 ? tap : point;
}

/** How the right operand moves along an axis of the sum, and with which of the columns. */
function findAlong(
  { kernel, columns, reduced }: Contraction,
  { offset, bounds }: Load,
  position: number,
  taken: readonly number[],
): Along | undefined {
  const point = kernel.axes.length + position;
  const strideOf = (at: Affine, axis: number): number => at.strides[axis] ?? 0;
  const extent = (axis: number): number => kernel.axes[axis]?.extent ?? 1;
  const along = strideOf(offset, point);
  if (along <= 0) return undefined;
  const made = (tap: number | undefined, step: number, tapStep: number): Along | undefined => {
    const taps = tap === undefined ? 1 : extent(tap);
    if (step < 1 || taps > (reduced[position] ?? 1)) return undefined;
    // Windows of neighboring points overlap, and one of the two moves by single positions.
    const overlap = tapStep >= 1 && step < tapStep * taps && (step === 1 || tapStep === 1);
    return tap === undefined || overlap ? { point, tap, step, tapStep, taps } : undefined;
  };
  const [bound, ...more] = bounds.filter(({ value }) => strideOf(value, point) !== 0);
  if (bound !== undefined) {
    const { value } = bound;
    const [tap, ...others] = [...value.strides.keys()].filter(
      (axis) => axis !== point && strideOf(value, axis) !== 0,
    );
    if (more.length + others.length > 0 || (tap !== undefined && !columns.includes(tap))) return undefined;
    const [step, tapStep] = [strideOf(value, point), tap === undefined ? 0 : strideOf(value, tap)];
    if (tap !== undefined && strideOf(offset, tap) * step !== along * tapStep) return undefined;
    return tap === undefined && step !== 1 ? undefined : made(tap, step, tapStep);
  }
  const tap = columns.find((axis) => {
    const stride = strideOf(offset, axis);
    const free = !taken.includes(axis) && !bounds.some(({ value }) => strideOf(value, axis) !== 0);
    return free && stride > 0 && stride * (extent(axis) - 1) < along * (reduced[position] ?? 1);
  });
  if (tap === undefined) return made(undefined, 1, 0);
  const unit = divisor(along, strideOf(offset, tap));
  return made(tap, along / unit, strideOf(offset, tap) / unit);
}

/** The operand, which is read nowhere beyond the last position along an axis. */
function within(right: Load, along: Along, points: number): Load {
  const taps = along.tap === undefined ? [] : [axisTimes(along.tap, along.tapStep)];
  const value = taps.reduce(addAffine, axisTimes(along.point, along.step));
  return { ...right, bounds: [...right.bounds, { value, extent: spanOf(along, points) }] };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
