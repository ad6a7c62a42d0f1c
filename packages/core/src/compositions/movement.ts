/** Rearrangements as plain functions over views, reshapes and concatenation. */

import { AttributeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add, greaterEqual, lessEqual, where, zerosLike } from "../ops/arithmetic.js";
import { concat } from "../ops/concat.js";
import { type DiagonalOptions, diagEmbed, diagonal } from "../ops/diagonal.js";
import { iota } from "../ops/leaf.js";
import { expandDims, reshape, squeeze, transpose } from "../ops/movement.js";
import { broadcastTo, sum } from "../ops/reduction.js";
import { reverse, sliceAxis } from "../ops/slice.js";
import { extentOf, normalizeAxis, type Shape, sizeOf } from "../shape.js";

function axesOf(x: Node): number[] {
  return x.shape.map((_, axis) => axis);
}

/** The axes from `start` to `end`, both included, as one. */
export function flatten<Feeds extends string>(x: Node<Feeds>, start = 0, end = -1): Node<Feeds> {
  if (x.shape.length === 0) return reshape(x, [1]);
  const first = normalizeAxis(start, x.shape.length, "flatten");
  const last = normalizeAxis(end, x.shape.length, "flatten");
  const joined = sizeOf(x.shape.slice(first, last + 1));
  return reshape(x, [...x.shape.slice(0, first), joined, ...x.shape.slice(last + 1)]);
}

/** One axis as several; one of their extents may be -1 and is then computed. */
export function unflatten<Feeds extends string>(x: Node<Feeds>, axis: number, extents: Shape): Node<Feeds> {
  const position = normalizeAxis(axis, x.shape.length, "unflatten");
  const known = sizeOf(extents.filter((extent) => extent !== -1));
  const whole = extentOf(x.shape, position);
  const full = extents.map((extent) => (extent === -1 ? whole / known : extent));
  return reshape(x, [...x.shape.slice(0, position), ...full, ...x.shape.slice(position + 1)]);
}

/** Moves axes to other positions; the others keep their order. */
export function moveaxis<Feeds extends string>(
  x: Node<Feeds>,
  from: readonly number[] | number,
  to: readonly number[] | number,
): Node<Feeds> {
  const rank = x.shape.length;
  const normalize = (axes: readonly number[] | number): number[] =>
    (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, rank, "moveaxis"));
  const [sources, targets] = [normalize(from), normalize(to)];
  if (
    sources.length !== targets.length ||
    new Set(sources).size + new Set(targets).size !== 2 * sources.length
  ) {
    throw new AttributeError(`moveaxis: [${sources}] to [${targets}] must be distinct axes, one each.`);
  }
  const rest = axesOf(x)
    .filter((axis) => !sources.includes(axis))
    .values();
  const permutation = axesOf(x).map((axis) => {
    const moved = sources[targets.indexOf(axis)];
    return moved ?? Number(rest.next().value ?? axis);
  });
  return transpose(x, permutation);
}

/** Exchanges two axes. */
export function swapaxes<Feeds extends string>(x: Node<Feeds>, first: number, second: number): Node<Feeds> {
  const a = normalizeAxis(first, x.shape.length, "swapaxes");
  const b = normalizeAxis(second, x.shape.length, "swapaxes");
  return transpose(
    x,
    axesOf(x).map((axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/** Parts of an axis: as many equal ones as a number says, or of the given sizes. */
export function split<Feeds extends string>(
  x: Node<Feeds>,
  parts: readonly number[] | number,
  axis = 0,
): readonly Node<Feeds>[] {
  const extent = extentOf(x.shape, normalizeAxis(axis, x.shape.length, "split"));
  const sizes = typeof parts === "number" ? new Array<number>(parts).fill(extent / parts) : parts;
  if (sizes.reduce((total, size) => total + size, 0) !== extent || !sizes.every(Number.isInteger)) {
    throw new ShapeError(`split: axis ${axis} of ${String(x)} does not divide into [${parts}].`, String(x));
  }
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return sliceAxis(x, axis, start - size, start);
  });
}

/** At most `count` parts of an axis, as equal as can be, the last one smaller. */
export function chunk<Feeds extends string>(x: Node<Feeds>, count: number, axis = 0): readonly Node<Feeds>[] {
  const extent = extentOf(x.shape, normalizeAxis(axis, x.shape.length, "chunk"));
  const size = Math.max(1, Math.ceil(extent / count));
  const sizes = Array.from({ length: Math.ceil(extent / size) }, (_, k) => Math.min(size, extent - k * size));
  return split(x, sizes.length === 0 ? [0] : sizes, axis);
}

/** Every slice of an axis, without that axis. */
export function unstack<Feeds extends string>(x: Node<Feeds>, axis = 0): readonly Node<Feeds>[] {
  const position = normalizeAxis(axis, x.shape.length, "unstack");
  const extent = extentOf(x.shape, position);
  return Array.from({ length: extent }, (_, k) => squeeze(sliceAxis(x, position, k, k + 1), position));
}

/** Moves elements along axes, those that leave come back at the other end; without axes, along the flattened x. */
export function roll<Feeds extends string>(
  x: Node<Feeds>,
  shifts: readonly number[] | number,
  axes?: readonly number[] | number,
): Node<Feeds> {
  const amounts = typeof shifts === "number" ? [shifts] : shifts;
  if (axes === undefined) {
    const total = amounts.reduce((sum, amount) => sum + amount, 0);
    return reshape(roll(reshape(x, [sizeOf(x.shape)]), total, 0), x.shape);
  }
  const positions = typeof axes === "number" ? [axes] : axes;
  if (positions.length !== amounts.length)
    throw new AttributeError(`roll: ${amounts.length} shifts for axes [${axes}].`);
  let result = x;
  for (const [k, axis] of positions.entries()) {
    const extent = extentOf(x.shape, normalizeAxis(axis, x.shape.length, "roll"));
    const cut = extent === 0 ? 0 : ((-(amounts[k] ?? 0) % extent) + extent) % extent;
    if (cut !== 0) result = concat([sliceAxis(result, axis, cut), sliceAxis(result, axis, 0, cut)], axis);
  }
  return result;
}

/** The whole of x, repeated along each axis; missing repetitions in front are 1, missing axes are added. */
export function tile<Feeds extends string>(x: Node<Feeds>, repetitions: readonly number[]): Node<Feeds> {
  const rank = Math.max(x.shape.length, repetitions.length);
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const counts = [...new Array<number>(rank - repetitions.length).fill(1), ...repetitions];
  const apart = reshape(
    x,
    shape.flatMap((extent) => [1, extent]),
  );
  const repeated = broadcastTo(
    apart,
    shape.flatMap((extent, axis) => [extentOf(counts, axis), extent]),
  );
  return reshape(
    repeated,
    shape.map((extent, axis) => extent * extentOf(counts, axis)),
  );
}

/** Every element of an axis repeated in place; without an axis, of the flattened x. */
export function repeat<Feeds extends string>(x: Node<Feeds>, count: number, axis?: number): Node<Feeds> {
  if (axis === undefined) return repeat(reshape(x, [sizeOf(x.shape)]), count, 0);
  const position = normalizeAxis(axis, x.shape.length, "repeat");
  const apart = expandDims(x, position + 1);
  const repeated = broadcastTo(
    apart,
    apart.shape.map((extent, other) => (other === position + 1 ? count : extent)),
  );
  return flatten(repeated, position, position + 1);
}

/** Turns the plane of two axes by quarter turns, from the first towards the second. */
export function rot90<Feeds extends string>(
  x: Node<Feeds>,
  turns = 1,
  [from, to]: readonly [number, number] = [0, 1],
): Node<Feeds> {
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 2) return reverse(x, [from, to]);
  if (quarter === 1) return swapaxes(reverse(x, to), from, to);
  return quarter === 3 ? reverse(swapaxes(x, from, to), to) : x;
}

/** Vectors as coordinates of a grid: one tensor of the grid's shape each; "xy" exchanges the first two axes. */
export function meshgrid<Feeds extends string>(
  vectors: readonly Node<Feeds>[],
  indexing: "xy" | "ij" = "xy",
): readonly Node<Feeds>[] {
  const lengths = vectors.map((vector) => sizeOf(vector.shape));
  const grids = vectors.map((vector, axis) => {
    const shape = lengths.map((length, other) => (other === axis ? length : 1));
    return broadcastTo(reshape(vector, shape), lengths);
  });
  return indexing === "xy" && vectors.length > 1 ? grids.map((grid) => swapaxes(grid, 0, 1)) : grids;
}

/** Keeps the elements of matrices (the last two axes) on and above a diagonal, zero elsewhere. */
export function triu<Feeds extends string>(x: Node<Feeds>, offset = 0): Node<Feeds> {
  return where(lessEqual(...triangle(x, offset)), x, zerosLike(x));
}

/** Keeps the elements of matrices (the last two axes) on and below a diagonal, zero elsewhere. */
export function tril<Feeds extends string>(x: Node<Feeds>, offset = 0): Node<Feeds> {
  return where(greaterEqual(...triangle(x, offset)), x, zerosLike(x));
}

/** Row plus offset against column, which are equal on the diagonal. */
function triangle(x: Node, offset: number): [row: Node<never>, column: Node<never>] {
  const [rows, columns] = [x.shape.at(-2), x.shape.at(-1)];
  if (rows === undefined || columns === undefined) {
    throw new ShapeError(`triu, tril: ${String(x)} has fewer than two axes.`, String(x));
  }
  return [add(iota([rows, 1]), offset), iota([columns])];
}

/** The matrix with a vector on a diagonal, or a diagonal of a matrix. */
export function diag<Feeds extends string>(x: Node<Feeds>, offset = 0): Node<Feeds> {
  if (x.shape.length === 1) return diagEmbed(x, { offset });
  if (x.shape.length === 2) return diagonal(x, { offset });
  throw new ShapeError(`diag: ${String(x)} must have one or two axes; use diagonal or diagEmbed.`, String(x));
}

/** The sum of a diagonal of the matrices on two axes, the first two unless said otherwise. */
export function trace<Feeds extends string>(x: Node<Feeds>, options: DiagonalOptions = {}): Node<Feeds> {
  return sum(diagonal(x, options), { axes: -1 });
}

/**
 * Channels as finer pixels: […, channels · r², height, width] → […, channels, height · r, width · r] (Shi et al.,
 * arXiv:1609.05158).
 */
export function pixelShuffle<Feeds extends string>(x: Node<Feeds>, factor: number): Node<Feeds> {
  const [rest, channels, height, width] = image(x, "pixelShuffle");
  const lead = rest.length;
  const apart = reshape(x, [...rest, channels / factor ** 2, factor, factor, height, width]);
  const order = [0, 3, 1, 4, 2].map((axis) => lead + axis);
  return reshape(transpose(apart, [...rest.map((_, axis) => axis), ...order]), [
    ...rest,
    channels / factor ** 2,
    height * factor,
    width * factor,
  ]);
}

/** The inverse of `pixelShuffle`: […, channels, height · r, width · r] → […, channels · r², height, width]. */
export function pixelUnshuffle<Feeds extends string>(x: Node<Feeds>, factor: number): Node<Feeds> {
  const [rest, channels, height, width] = image(x, "pixelUnshuffle");
  const lead = rest.length;
  const apart = reshape(x, [...rest, channels, height / factor, factor, width / factor, factor]);
  const order = [0, 2, 4, 1, 3].map((axis) => lead + axis);
  return reshape(transpose(apart, [...rest.map((_, axis) => axis), ...order]), [
    ...rest,
    channels * factor ** 2,
    height / factor,
    width / factor,
  ]);
}

function image(x: Node, what: string): [rest: Shape, channels: number, height: number, width: number] {
  if (x.shape.length < 3) throw new ShapeError(`${what}: ${String(x)} has fewer than three axes.`, String(x));
  const rank = x.shape.length;
  return [
    x.shape.slice(0, -3),
    extentOf(x.shape, rank - 3),
    extentOf(x.shape, rank - 2),
    extentOf(x.shape, rank - 1),
  ];
}
