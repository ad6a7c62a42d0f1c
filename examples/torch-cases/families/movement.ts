// Operators of PyTorch that only move the elements of one tensor: shapes, axes, repetition, triangles.

import {
  broadcastTo,
  copy,
  diag,
  diagEmbed,
  diagonal,
  expandDims,
  extentOf,
  flatten,
  moveaxis,
  type Node,
  repeat,
  reshape,
  reverse,
  roll,
  rot90,
  sizeOf,
  sliceAxis,
  squeeze,
  swapaxes,
  tile,
  trace,
  transpose,
  tril,
  triu,
  unflatten,
  windows,
} from "@adjoint/core";
import { type Mappings, op, ranked, sizes, unary } from "../mapping.js";

function expanded(x: Node, wanted: readonly number[]): Node {
  const lead = wanted.length - x.shape.length;
  return broadcastTo(
    x,
    wanted.map((extent, axis) => (extent === -1 ? extentOf(x.shape, axis - lead) : extent)),
  );
}

const swap = op("input dim0 dim1", (a) =>
  ranked(a.tensor("input"), (x) => swapaxes(x, a.number("dim0"), a.number("dim1"))),
);
const matrixTranspose = unary((x) => (x.shape.length < 2 ? copy(x) : transpose(x)));
const reshaped = op("input *shape", (a) => reshape(a.tensor("input"), sizes(a, "shape")));
const permuted = op("input *dims", (a) => transpose(a.tensor("input"), sizes(a, "dims")));
const unsqueezed = op("input dim", (a) => expandDims(a.tensor("input"), a.number("dim")));
const copied = op("input memory_format", (a) => {
  a.ignore("memory_format");
  return copy(a.tensor("input"));
});
const narrowed = op("input dim start length", (a) => {
  const [x, axis, start, length] = [
    a.tensor("input"),
    a.number("dim"),
    a.number("start"),
    a.number("length"),
  ];
  const first = start < 0 ? start + extentOf(x.shape, axis < 0 ? axis + x.shape.length : axis) : start;
  return sliceAxis(x, axis, first, first + length);
});
const like = op("input other", (a) => reshape(a.tensor("input"), a.tensor("other").shape));

/** Removes the axes named, of those only that have extent 1; without any argument, all that have. */
const squeezed = op("input dim", (a) => {
  const x = a.tensor("input");
  if (!a.has("dim")) return squeeze(x);
  const axes = (a.numbers("dim") ?? []).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  return squeeze(
    x,
    axes.filter((axis) => x.shape[axis] === 1),
  );
});

const slidingWindows = op("input dimension size step", (a) => {
  const x = a.tensor("input");
  const [axis, size, step] = [a.number("dimension"), a.number("size"), a.number("step")];
  if (x.shape.length === 0) return reshape(x, [size]);
  return windows(x, [size], { axes: [axis < 0 ? axis + x.shape.length : axis], strides: [step] });
});

const diagonalOf = op("input offset dim1 dim2", (a) =>
  diagonal(a.tensor("input"), {
    offset: a.number("offset", 0),
    axes: [a.number("dim1", 0), a.number("dim2", 1)],
  }),
);

export const movement: Mappings = {
  H: matrixTranspose,
  T: unary((x) => transpose(x, [...x.shape.keys()].reverse())),
  broadcast_to: op("input *size", (a) => expanded(a.tensor("input"), sizes(a))),
  clone: copied,
  conj: unary(copy),
  contiguous: copied,
  diag: op("input diagonal", (a) => diag(a.tensor("input"), a.number("diagonal", 0))),
  diag_embed: op("input offset dim1 dim2", (a) =>
    diagEmbed(a.tensor("input"), {
      offset: a.number("offset", 0),
      axes: [a.number("dim1", -2), a.number("dim2", -1)],
    }),
  ),
  diagflat: op("input offset", (a) => {
    const x = a.tensor("input");
    return diagEmbed(reshape(x, [sizeOf(x.shape)]), { offset: a.number("offset", 0) });
  }),
  diagonal: diagonalOf,
  expand: op("input *size", (a) => expanded(a.tensor("input"), sizes(a))),
  expand_as: op("input other", (a) => broadcastTo(a.tensor("input"), a.tensor("other").shape)),
  flatten: op("input start_dim end_dim", (a) =>
    flatten(a.tensor("input"), a.number("start_dim", 0), a.number("end_dim", -1)),
  ),
  flip: op("input *dims", (a) => {
    const [x, axes] = [a.tensor("input"), sizes(a, "dims")];
    return axes.length === 0 ? copy(x) : reverse(x, axes);
  }),
  fliplr: unary((x) => reverse(x, [1])),
  flipud: unary((x) => reverse(x, [0])),
  mH: matrixTranspose,
  mT: matrixTranspose,
  movedim: op("input source destination", (a) =>
    moveaxis(a.tensor("input"), a.numbers("source") ?? [], a.numbers("destination") ?? []),
  ),
  narrow: narrowed,
  narrow_copy: narrowed,
  permute: permuted,
  ravel: unary((x) => reshape(x, [sizeOf(x.shape)])),
  repeat: op("input *repeats", (a) => tile(a.tensor("input"), sizes(a, "repeats"))),
  real: unary(copy),
  repeat_interleave: op("input repeats dim output_size", (a) => {
    a.ignore("output_size");
    return repeat(a.tensor("input"), a.number("repeats"), a.has("dim") ? a.number("dim") : undefined);
  }),
  reshape: reshaped,
  reshape_as: like,
  resolve_conj: unary(copy),
  resolve_neg: unary(copy),
  roll: op("input shifts dims", (a) => roll(a.tensor("input"), a.numbers("shifts") ?? [], a.numbers("dims"))),
  rot90: op("input k dims", (a) => {
    const [from = 0, to = 1] = a.numbers("dims") ?? [];
    return rot90(a.tensor("input"), a.number("k", 1), [from, to]);
  }),
  select: op("input dim index", (a) => {
    const [x, axis, index] = [a.tensor("input"), a.number("dim"), a.number("index")];
    const at = index < 0 ? index + extentOf(x.shape, axis < 0 ? axis + x.shape.length : axis) : index;
    return squeeze(sliceAxis(x, axis, at, at + 1), axis);
  }),
  slice: op("input dim start end step", (a) => {
    const bound = (name: string): number | undefined => (a.has(name) ? a.number(name) : undefined);
    return sliceAxis(a.tensor("input"), a.number("dim", 0), bound("start"), bound("end"), bound("step"));
  }),
  squeeze: squeezed,
  t: matrixTranspose,
  tile: op("input *dims", (a) => tile(a.tensor("input"), sizes(a, "dims"))),
  trace: unary((x) => trace(x)),
  transpose: swap,
  tril: op("input diagonal", (a) => tril(a.tensor("input"), a.number("diagonal", 0))),
  triu: op("input diagonal", (a) => triu(a.tensor("input"), a.number("diagonal", 0))),
  unflatten: op("input dim sizes", (a) =>
    unflatten(a.tensor("input"), a.number("dim"), a.numbers("sizes") ?? []),
  ),
  unfold: slidingWindows,
  unsqueeze: unsqueezed,
  view: reshaped,
  view_as: like,
};
