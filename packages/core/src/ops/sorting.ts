/** Stable order of elements along an axis. Sorted values, top k and ranks are compositions over it. */

import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import type { Kernel, KernelScalar, Stage } from "../kernel/kernel.js";
import { type Affine, addAffine, axisTimes, scaleAffine } from "../lowering/affine.js";
import { divisionsBeside } from "../lowering/division.js";
import { loadAt, readBuffer, storeAt, writeBuffer } from "../lowering/opaque.js";
import * as s from "../scalar/build.js";
import { coordinate } from "../scalar/scalar.js";
import { checkAxis, extentOf, normalizeAxis, type Shape, sizeOf } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { inferElementwise } from "./elementwise.js";

/** A tensor as rows: `outer` blocks of `inner` interleaved rows, each of `extent` elements that are `inner` apart. */
interface Rows {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}

function rowsOf(shape: Shape, axis: number): Rows {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    extent: extentOf(shape, axis),
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** One pass of compare-and-exchange over pairs of positions (low < high), in loops over blocks and half a block. */
interface Exchange {
  readonly axes: readonly [blocks: number, half: number];
  readonly low: Affine;
  readonly high: Affine;
}

/**
 * The bitonic sorting network in its form with all comparators ascending (each merge first mirrors its second half): pairs
 * that reach past the end can be left out, so that any extent will do. O(n log² n).
 * Source: Batcher, "Sorting networks and their applications", AFIPS 1968.
 */
function network(extent: number, firstAxis: number): Exchange[] {
  const block = axisTimes(firstAxis);
  const step = axisTimes(firstAxis + 1);
  const passes: Exchange[] = [];
  for (let size = 2; size < 2 * extent; size *= 2) {
    const start = scaleAffine(block, size);
    const mirrored = addAffine(start, { ...scaleAffine(step, -1), offset: size - 1 });
    passes.push({ axes: [Math.ceil(extent / size), size / 2], low: addAffine(start, step), high: mirrored });
    for (let distance = size / 4; distance >= 1; distance /= 2) {
      const low = addAffine(scaleAffine(block, 2 * distance), step);
      const high = { ...low, offset: distance };
      passes.push({ axes: [Math.ceil(extent / (2 * distance)), distance], low, high });
    }
  }
  return passes;
}

/** Whether key a comes strictly before key b; NaN counts as the largest number. */
function precedes(a: KernelScalar, b: KernelScalar, descending: boolean): KernelScalar {
  const [first, second] = descending ? [b, a] : [a, b];
  const smaller = s.lt(first, second);
  if (!first.dtype.startsWith("float")) return smaller;
  return s.or(smaller, s.and(s.eq(first, first), s.ne(second, second)));
}

/** Buffers: keys, then the order, which is sorted in place by comparing keys, then positions. */
function argSortKernel(
  x: TensorType,
  order: TensorType,
  { outer, extent, inner }: Rows,
  descending: boolean,
): Kernel {
  const start = addAffine(axisTimes(0, extent * inner), axisTimes(1));
  const at = (position: Affine): Affine => addAffine(start, scaleAffine(position, inner));
  const key = (index: KernelScalar): KernelScalar =>
    loadAt(0, x, start, { indirect: [{ index, stride: inner, extent }] });
  const exchange = ({ axes, low, high }: Exchange): Stage => {
    const bounds = [{ value: high, extent }];
    const a = loadAt(1, order, at(low), { bounds });
    const b = loadAt(1, order, at(high), { bounds });
    const [keyA, keyB] = [key(a), key(b)];
    const tie = s.and(s.not(precedes(keyA, keyB, descending)), s.lt(b, a));
    const swap = s.or(precedes(keyB, keyA, descending), tie);
    const stores = [
      storeAt(1, at(low), s.select(swap, b, a), { bounds }),
      storeAt(1, at(high), s.select(swap, a, b), { bounds }),
    ];
    return { axes, accumulators: [], stores };
  };
  const count: Stage = {
    axes: [extent],
    accumulators: [],
    stores: [storeAt(1, at(axisTimes(2)), coordinate(2))],
  };
  return {
    buffers: [readBuffer(x), writeBuffer(order)],
    axes: [
      { extent: outer, order: "parallel" },
      { extent: inner, order: "parallel" },
    ],
    stages: [count, ...network(extent, 2).map(exchange)],
    aliases: [],
  };
}

function evaluateArgSort(
  { outer, extent, inner }: Rows,
  descending: boolean,
  keys: Float64Array,
): Float64Array {
  const result = new Float64Array(outer * extent * inner);
  const sign = descending ? -1 : 1;
  for (let row = 0; row < outer * inner; row++) {
    const start = Math.floor(row / inner) * extent * inner + (row % inner);
    const key = (position: number): number => keys[start + position * inner] ?? Number.NaN;
    const compare = (a: number, b: number): number =>
      Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a < b ? -1 : 1;
    const order = Array.from({ length: extent }, (_, position) => position);
    order.sort((a, b) => sign * (key(a) === key(b) ? 0 : compare(key(a), key(b))));
    for (const [position, index] of order.entries()) result[start + position * inner] = index;
  }
  return result;
}

const argSortOp: Op = defineOp({
  name: "argSort",
  doc: "The positions along an axis in the order of their elements; equal elements keep their order; NaN is largest.",
  operands: ["x"],
  attributes: { axis: "integer", descending: "boolean" },
  notation: "\\operatorname{argsort}({x})",
  infer: ([x], { axis }) => {
    inferElementwise([x], "number");
    checkAxis(axis, x.shape.length, "argSort");
    return { dtype: "int32", shape: x.shape };
  },
  lower: ([x], { axis, descending }, output) => {
    const rows = rowsOf(x.shape, axis);
    return {
      kind: "opaque",
      kernel: () => argSortKernel(x, output, rows, descending),
      evaluate: ([keys = new Float64Array()]) => evaluateArgSort(rows, descending, keys),
      divisions: divisionsBeside([axis], [x]),
    };
  },
});

export interface SortOptions {
  /** The axis to sort along; the last unless given. */
  readonly axis?: number;
  readonly descending?: boolean;
}

/**
 * The positions (int32) along an axis in the order of their elements. Stable in both directions; NaN counts as the
 * largest number, so that it comes last when ascending.
 */
export const argSort = opFunction(
  argSortOp,
  <Feeds extends string>(x: Node<Feeds>, { axis = -1, descending = false }: SortOptions = {}): Node<Feeds> =>
    createNode(argSortOp, [x], { axis: normalizeAxis(axis, x.shape.length, "argSort"), descending }),
);
