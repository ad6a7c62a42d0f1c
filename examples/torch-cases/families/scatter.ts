// Operators of PyTorch that write into a copy: into views, at indices with a reduction, where a mask holds.

import {
  broadcastTo,
  constant,
  diagonal,
  div,
  extentOf,
  iota,
  type Node,
  reshape,
  scatter,
  scatterElements,
  sizeOf,
  sliceAxis,
  squeeze,
  take,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mappings, op, ranked, vector } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";
import { placesOf } from "./mask.js";

function flat(x: Node): Node {
  return reshape(x, [sizeOf(x.shape)]);
}

/** A copy of x in which a view of it holds the source. */
function written(x: Node, source: Node, view: (positions: Node) => Node): Node {
  const positions = view(reshape(iota([sizeOf(x.shape)]), x.shape));
  return reshape(scatter(flat(x), flat(positions), flat(broadcastTo(source, positions.shape))), x.shape);
}

function resolved(axis: number, x: Node): number {
  return axis < 0 ? axis + x.shape.length : axis;
}

function bound(a: Arguments, name: string): number | undefined {
  return a.has(name) ? a.number(name) : undefined;
}

/** What an element that takes part in nothing else is before the first. */
const neutral = { sum: 0, mean: 0, amax: Number.NEGATIVE_INFINITY, amin: Number.POSITIVE_INFINITY } as const;
const combines = { sum: "add", mean: "add", amax: "max", amin: "min" } as const;

function isReduction(name: string): name is keyof typeof neutral {
  return Object.hasOwn(neutral, name);
}

type Write = (base: Node, source: Node, combine: "set" | "add" | "max" | "min") => Node;

/** Combines sources that meet at one element, and the element itself unless told otherwise. */
function combined(a: Arguments, x: Node, source: Node, write: Write): Node {
  const name = a.text("reduce");
  if (!isReduction(name)) throw new UnsupportedError(`reduce ${name}`);
  const isSelf = a.flag("include_self", true);
  const like = (value: number): Node => broadcastTo(constant(value, { dtype: x.dtype }), source.shape);
  const base = isSelf ? x : write(x, like(neutral[name]), "set");
  const total = write(base, source, combines[name]);
  if (name !== "mean") return total;
  const ones = broadcastTo(constant(1, { dtype: x.dtype }), x.shape);
  return div(total, write(isSelf ? ones : write(ones, like(0), "set"), like(1), "add"));
}

export const scatters: Mappings = {
  as_strided: op("input size stride storage_offset", (a) => {
    const [x, sizes, strides] = [a.tensor("input"), a.numbers("size") ?? [], a.numbers("stride") ?? []];
    const offset = a.number("storage_offset", 0);
    const positions = sizes.reduce<number[]>(
      (starts, extent, axis) =>
        starts.flatMap((start) => Array.from({ length: extent }, (_, k) => start + k * (strides[axis] ?? 0))),
      [offset],
    );
    return take(x, constant(positions, { dtype: "int32", shape: sizes }));
  }),
  diagonal_scatter: op("input src offset dim1 dim2", (a) =>
    written(a.tensor("input"), a.tensor("src"), (positions) =>
      diagonal(positions, {
        offset: a.number("offset", 0),
        axes: [a.number("dim1", 0), a.number("dim2", 1)],
      }),
    ),
  ),
  index_reduce: op("input dim index source reduce include_self", (a) => {
    const [index, axis] = [vector(a.tensor("index")), a.number("dim")];
    return ranked(a.tensor("input"), (x) =>
      combined(a, x, vector(a.tensor("source")), (base, source, combine) =>
        scatter(base, index, source, { axis, combine }),
      ),
    );
  }),
  masked_scatter: op("input mask source", (a) => {
    const x = a.tensor("input");
    const places = placesOf(a.known("mask"), x.shape);
    const source = sliceAxis(flat(a.tensor("source")), 0, 0, extentOf(places.shape, 0));
    return reshape(scatter(flat(x), places, source), x.shape);
  }),
  scatter_reduce: op("input dim index src reduce include_self", (a) => {
    const [index, axis, src] = [vector(a.tensor("index")), a.number("dim"), vector(a.tensor("src"))];
    const part = index.shape.reduce((node, extent, other) => sliceAxis(node, other, 0, extent), src);
    return ranked(a.tensor("input"), (x) =>
      combined(a, x, part, (base, source, combine) =>
        scatterElements(base, index, source, { axis, combine }),
      ),
    );
  }),
  select_scatter: op("input src dim index", (a) => {
    const [x, index] = [a.tensor("input"), a.number("index")];
    const axis = resolved(a.number("dim"), x);
    const at = index < 0 ? index + extentOf(x.shape, axis) : index;
    return written(x, a.tensor("src"), (positions) => squeeze(sliceAxis(positions, axis, at, at + 1), axis));
  }),
  slice_scatter: op("input src dim start end step", (a) =>
    written(a.tensor("input"), a.tensor("src"), (positions) =>
      sliceAxis(positions, a.number("dim", 0), bound(a, "start"), bound(a, "end"), bound(a, "step")),
    ),
  ),
};
