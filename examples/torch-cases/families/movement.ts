// Operators of PyTorch that only move elements: shapes, axes, joins, parts, repetition.

import {
  broadcastShapes,
  broadcastTo,
  chunk,
  concat,
  copy,
  diag,
  diagEmbed,
  diagonal,
  expandDims,
  extentOf,
  flatten,
  meshgrid,
  type Node,
  moveaxis,
  repeat,
  reshape,
  reverse,
  roll,
  rot90,
  sizeOf,
  sliceAxis,
  split,
  squeeze,
  stack,
  swapaxes,
  tile,
  trace,
  transpose,
  tril,
  triu,
  unflatten,
  unstack,
  windows,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, ranked, rankedAll, sizes, unary } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

function expanded(x: Node, wanted: readonly number[]): Node {
  const lead = wanted.length - x.shape.length;
  return broadcastTo(x, wanted.map((extent, axis) => (extent === -1 ? extentOf(x.shape, axis - lead) : extent)));
}

function atLeast(rank: 1 | 2 | 3): (x: Node) => Node {
  const shapeOf = (shape: readonly number[]): readonly number[] => {
    if (shape.length >= rank) return shape;
    if (rank === 3 && shape.length === 2) return [...shape, 1];
    if (rank === 3 && shape.length === 1) return [1, ...shape, 1];
    return [...new Array<number>(rank - shape.length).fill(1), ...shape];
  };
  return (x) => reshape(x, shapeOf(x.shape));
}

function eachAtLeast(rank: 1 | 2 | 3): Mapping {
  return op("*tensors", (a) => {
    const raised = a.tensors("tensors").map(atLeast(rank));
    const [only] = raised;
    return raised.length === 1 && only !== undefined ? only : raised;
  });
}

/** Joins a list given as the first argument, each raised to a rank. */
function joined(prepare: (x: Node) => Node, axisOf: (rank: number) => number): Mapping {
  return op("tensors", (a) => {
    const parts = a.tensors("tensors").map(prepare);
    return concat(parts, axisOf(parts[0]?.shape.length ?? 0));
  });
}

const cat = op("tensors dim", (a) => concat(a.tensors("tensors"), a.number("dim", 0)));

/** Sizes of parts: equal ones of a size with a smaller last one, or a list. */
function partsOf(extent: number, wanted: readonly number[], isList: boolean): readonly number[] {
  const [size] = wanted;
  if (isList || size === undefined) return wanted;
  const count = Math.max(1, Math.ceil(extent / size));
  return Array.from({ length: count }, (_, k) => Math.min(size, extent - k * size));
}

function splitBy(name: string): Mapping {
  return op(`input ${name} dim`, (a) => {
    const [x, axis, wanted] = [a.tensor("input"), a.number("dim", 0), a.raw(name)];
    const extent = extentOf(x.shape, axis < 0 ? axis + x.shape.length : axis);
    return split(x, partsOf(extent, a.numbers(name) ?? [], wanted !== undefined && "list" in wanted), axis);
  });
}

/** Parts between indices, or as many as a number says, of which the first are larger by one. */
function tensorSplit(x: Node, sections: readonly number[], isList: boolean, axis: number): readonly Node[] {
  const extent = extentOf(x.shape, axis < 0 ? axis + x.shape.length : axis);
  const [count] = sections;
  if (isList || count === undefined) {
    const cuts = [0, ...sections.map((cut) => Math.min(extent, cut < 0 ? cut + extent : cut)), extent];
    return cuts.slice(1).map((end, k) => sliceAxis(x, axis, cuts[k], Math.max(end, cuts[k] ?? 0)));
  }
  const small = Math.floor(extent / count);
  return split(x, Array.from({ length: count }, (_, k) => small + (k < extent % count ? 1 : 0)), axis);
}

function splitAlong(axisOf: (rank: number) => number): Mapping {
  return op("input indices_or_sections", (a) => {
    const x = a.tensor("input");
    const wanted = a.raw("indices_or_sections");
    const isList = wanted !== undefined && "list" in wanted;
    return tensorSplit(x, a.numbers("indices_or_sections") ?? [], isList, axisOf(x.shape.length));
  });
}

function chunks(a: Arguments): readonly Node[] {
  return chunk(a.tensor("input"), a.number("chunks"), a.number("dim", 0));
}

const swap = op("input dim0 dim1", (a) => ranked(a.tensor("input"), (x) => swapaxes(x, a.number("dim0"), a.number("dim1"))));
const matrixTranspose = unary((x) => (x.shape.length < 2 ? copy(x) : transpose(x)));
const reshaped = op("input *shape", (a) => reshape(a.tensor("input"), sizes(a, "shape")));
const permuted = op("input *dims", (a) => transpose(a.tensor("input"), sizes(a, "dims")));
const unsqueezed = op("input dim", (a) => expandDims(a.tensor("input"), a.number("dim")));
const unbound = op("input dim", (a) => unstack(a.tensor("input"), a.number("dim", 0)));
const copied = op("input memory_format", (a) => {
  a.ignore("memory_format");
  return copy(a.tensor("input"));
});
const narrowed = op("input dim start length", (a) => {
  const [x, axis, start, length] = [a.tensor("input"), a.number("dim"), a.number("start"), a.number("length")];
  const first = start < 0 ? start + extentOf(x.shape, axis < 0 ? axis + x.shape.length : axis) : start;
  return sliceAxis(x, axis, first, first + length);
});
const like = op("input other", (a) => reshape(a.tensor("input"), a.tensor("other").shape));

const squeezed = op("input *dim", (a) => {
  const x = a.tensor("input");
  const axes = sizes(a, "dim").map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  return a.has("dim") && axes.length > 0 ? squeeze(x, axes.filter((axis) => x.shape[axis] === 1)) : squeeze(x);
});

const slidingWindows = op("input dimension size step", (a) => {
  const x = a.tensor("input");
  const [axis, size, step] = [a.number("dimension"), a.number("size"), a.number("step")];
  if (x.shape.length === 0) return reshape(x, [size]);
  return windows(x, [size], { axes: [axis < 0 ? axis + x.shape.length : axis], strides: [step] });
});

const diagonalOf = op("input offset dim1 dim2", (a) =>
  diagonal(a.tensor("input"), { offset: a.number("offset", 0), axes: [a.number("dim1", 0), a.number("dim2", 1)] }),
);

export const movement: Mappings = {
  T: unary((x) => transpose(x, [...x.shape.keys()].reverse())),
  atleast_1d: eachAtLeast(1),
  atleast_2d: eachAtLeast(2),
  atleast_3d: eachAtLeast(3),
  broadcast_tensors: op("*tensors", (a) => {
    const tensors = a.tensors("tensors");
    const shape = broadcastShapes(tensors.map((x) => x.shape));
    if (shape === undefined) throw new UnsupportedError("shapes that do not broadcast");
    return tensors.map((x) => broadcastTo(x, shape));
  }),
  broadcast_to: op("input *size", (a) => expanded(a.tensor("input"), sizes(a))),
  cat,
  chunk: op("input chunks dim", chunks),
  clone: copied,
  column_stack: joined((x) => (x.shape.length < 2 ? reshape(x, [sizeOf(x.shape), 1]) : x), () => 1),
  contiguous: copied,
  diag: op("input diagonal", (a) => diag(a.tensor("input"), a.number("diagonal", 0))),
  diag_embed: op("input offset dim1 dim2", (a) =>
    diagEmbed(a.tensor("input"), { offset: a.number("offset", 0), axes: [a.number("dim1", -2), a.number("dim2", -1)] }),
  ),
  diagflat: op("input offset", (a) => {
    const x = a.tensor("input");
    return diagEmbed(reshape(x, [sizeOf(x.shape)]), { offset: a.number("offset", 0) });
  }),
  diagonal: diagonalOf,
  dsplit: splitAlong(() => 2),
  dstack: joined(atLeast(3), () => 2),
  expand: op("input *size", (a) => expanded(a.tensor("input"), sizes(a))),
  expand_as: op("input other", (a) => broadcastTo(a.tensor("input"), a.tensor("other").shape)),
  flatten: op("input start_dim end_dim", (a) => flatten(a.tensor("input"), a.number("start_dim", 0), a.number("end_dim", -1))),
  flip: op("input *dims", (a) => {
    const [x, axes] = [a.tensor("input"), sizes(a, "dims")];
    return axes.length === 0 ? copy(x) : reverse(x, axes);
  }),
  fliplr: unary((x) => reverse(x, [1])),
  flipud: unary((x) => reverse(x, [0])),
  hsplit: splitAlong((rank) => (rank === 1 ? 0 : 1)),
  hstack: joined(atLeast(1), (rank) => (rank === 1 ? 0 : 1)),
  "linalg.diagonal": op("input offset dim1 dim2", (a) =>
    diagonal(a.tensor("input"), { offset: a.number("offset", 0), axes: [a.number("dim1", -2), a.number("dim2", -1)] }),
  ),
  mT: unary((x) => transpose(x)),
  meshgrid: op("*tensors indexing", (a) => {
    const mode = a.text("indexing", "ij");
    const raw = a.raw("tensors");
    const [first] = raw !== undefined && "list" in raw ? raw.list : [];
    const given = first !== undefined && "list" in first ? first.list : raw !== undefined && "list" in raw ? raw.list : [];
    const vectors = given.map((entry) => atLeast(1)(a.nodeOf(entry, "tensors")));
    return meshgrid(vectors, mode === "xy" ? "xy" : "ij");
  }),
  movedim: op("input source destination", (a) =>
    moveaxis(a.tensor("input"), a.numbers("source") ?? [], a.numbers("destination") ?? []),
  ),
  narrow: narrowed,
  narrow_copy: narrowed,
  permute: permuted,
  ravel: unary((x) => reshape(x, [sizeOf(x.shape)])),
  repeat: op("input *repeats", (a) => tile(a.tensor("input"), sizes(a, "repeats"))),
  repeat_interleave: op("input repeats dim", (a) =>
    repeat(a.tensor("input"), a.number("repeats"), a.has("dim") ? a.number("dim") : undefined),
  ),
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
  split: splitBy("split_size_or_sections"),
  split_with_sizes: splitBy("split_sizes"),
  squeeze: squeezed,
  stack: op("tensors dim", (a) => stack(a.tensors("tensors"), a.number("dim", 0))),
  t: matrixTranspose,
  tensor_split: op("input indices_or_sections dim", (a) => {
    const wanted = a.raw("indices_or_sections");
    const isList = wanted !== undefined && ("list" in wanted || ("tensor" in wanted && wanted.tensor.shape.length > 0));
    const sections = wanted !== undefined && "tensor" in wanted ? [...wanted.tensor.elements] : a.numbers("indices_or_sections");
    return tensorSplit(a.tensor("input"), sections ?? [], isList, a.number("dim", 0));
  }),
  tile: op("input *dims", (a) => tile(a.tensor("input"), sizes(a, "dims"))),
  trace: unary((x) => trace(x)),
  transpose: swap,
  tril: op("input diagonal", (a) => tril(a.tensor("input"), a.number("diagonal", 0))),
  triu: op("input diagonal", (a) => triu(a.tensor("input"), a.number("diagonal", 0))),
  unbind: unbound,
  unflatten: op("input dim sizes", (a) => unflatten(a.tensor("input"), a.number("dim"), a.numbers("sizes") ?? [])),
  unfold: slidingWindows,
  unsafe_chunk: op("input chunks dim", chunks),
  unsafe_split: splitBy("split_size_or_sections"),
  unsqueeze: unsqueezed,
  view: reshaped,
  view_as: like,
  vsplit: splitAlong(() => 0),
  vstack: joined(atLeast(2), () => 0),
};
