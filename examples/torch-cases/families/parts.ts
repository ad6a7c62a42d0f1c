// Operators of PyTorch that join tensors or take one apart.

import {
  broadcastShapes,
  broadcastTo,
  chunk,
  concat,
  constant,
  copy,
  diagonal,
  extentOf,
  meshgrid,
  type Node,
  pad,
  reshape,
  sizeOf,
  sliceAxis,
  split,
  stack,
  take,
  unstack,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

function atLeast(rank: 1 | 2 | 3): (x: Node) => Node {
  const shapeOf = (shape: readonly number[]): readonly number[] => {
    if (shape.length >= rank) return shape;
    if (rank === 3 && shape.length === 2) return [...shape, 1];
    if (rank === 3 && shape.length === 1) return [1, ...shape, 1];
    return [...new Array<number>(rank - shape.length).fill(1), ...shape];
  };
  return (x) => reshape(x, shapeOf(x.shape));
}

/** Tensors given one by one, or as one list. */
function tensorsOf(a: Arguments): Node[] {
  const raw = a.raw("tensors");
  const given = raw !== undefined && "list" in raw ? raw.list : [];
  const [first] = given;
  return (first !== undefined && "list" in first ? first.list : given).map((entry) =>
    a.nodeOf(entry, "tensors"),
  );
}

function eachAtLeast(rank: 1 | 2 | 3): Mapping {
  return op("*tensors", (a) => {
    const raised = tensorsOf(a).map(atLeast(rank));
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

/** Vectors without elements go with anything. */
const cat = op("tensors dim", (a) => {
  const tensors = a.tensors("tensors");
  const filled = tensors.filter(({ shape }) => shape.length !== 1 || shape[0] !== 0);
  return concat(filled.length === 0 ? tensors : filled, a.number("dim", 0));
});

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
  return split(
    x,
    Array.from({ length: count }, (_, k) => small + (k < extent % count ? 1 : 0)),
    axis,
  );
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

/** Matrices along the diagonal of one. */
function blockDiagonal(blocks: readonly Node[]): Node {
  const width = blocks.reduce((total, { shape }) => total + (shape[1] ?? 0), 0);
  let before = 0;
  const rows = blocks.map((block) => {
    const own = block.shape[1] ?? 0;
    const padded = pad(block, [
      [0, 0],
      [before, width - before - own],
    ]);
    before += own;
    return padded;
  });
  return concat(rows, 0);
}

/** Choices of r positions out of n in ascending order, each at most once or any number of times. */
function choices(n: number, r: number, isRepeated: boolean, from = 0): number[][] {
  if (r === 0) return [[]];
  return Array.from({ length: Math.max(0, n - from) }, (_, k) => from + k).flatMap((first) =>
    choices(n, r - 1, isRepeated, isRepeated ? first : first + 1).map((rest) => [first, ...rest]),
  );
}

export const parts: Mappings = {
  atleast_1d: eachAtLeast(1),
  atleast_2d: eachAtLeast(2),
  atleast_3d: eachAtLeast(3),
  block_diag: op("*tensors", (a) => blockDiagonal(tensorsOf(a).map(atLeast(2)))),
  broadcast_tensors: op("*tensors", (a) => {
    const tensors = tensorsOf(a);
    const shape = broadcastShapes(tensors.map((x) => x.shape));
    if (shape === undefined) throw new UnsupportedError("shapes that do not broadcast");
    return tensors.map((x) => broadcastTo(x, shape));
  }),
  cartesian_prod: op("*tensors", (a) => {
    const vectors = tensorsOf(a);
    const [only] = vectors;
    if (vectors.length === 1 && only !== undefined) return copy(only);
    return stack(
      meshgrid(vectors, "ij").map((grid) => reshape(grid, [sizeOf(grid.shape)])),
      1,
    );
  }),
  cat,
  chunk: op("input chunks dim", chunks),
  column_stack: joined(
    (x) => (x.shape.length < 2 ? reshape(x, [sizeOf(x.shape), 1]) : x),
    () => 1,
  ),
  combinations: op("input r with_replacement", (a) => {
    const [x, r] = [a.tensor("input"), a.number("r", 2)];
    const chosen = choices(sizeOf(x.shape), r, a.flag("with_replacement", false));
    return take(x, constant(chosen, { dtype: "int32", shape: [chosen.length, r] }));
  }),
  dsplit: splitAlong(() => 2),
  dstack: joined(atLeast(3), () => 2),
  hsplit: splitAlong((rank) => (rank === 1 ? 0 : 1)),
  hstack: joined(atLeast(1), (rank) => (rank === 1 ? 0 : 1)),
  "linalg.diagonal": op("input offset dim1 dim2", (a) =>
    diagonal(a.tensor("input"), {
      offset: a.number("offset", 0),
      axes: [a.number("dim1", -2), a.number("dim2", -1)],
    }),
  ),
  meshgrid: op("*tensors indexing", (a) => {
    const mode = a.text("indexing", "ij");
    return meshgrid(tensorsOf(a).map(atLeast(1)), mode === "xy" ? "xy" : "ij");
  }),
  split: splitBy("split_size_or_sections"),
  split_with_sizes: splitBy("split_sizes"),
  stack: op("tensors dim", (a) => stack(a.tensors("tensors"), a.number("dim", 0))),
  tensor_split: op("input indices_or_sections dim", (a) => {
    const wanted = a.raw("indices_or_sections");
    const isList =
      wanted !== undefined && ("list" in wanted || ("tensor" in wanted && wanted.tensor.shape.length > 0));
    const sections =
      wanted !== undefined && "tensor" in wanted
        ? [...wanted.tensor.elements]
        : a.numbers("indices_or_sections");
    return tensorSplit(a.tensor("input"), sections ?? [], isList, a.number("dim", 0));
  }),
  unbind: op("input dim", (a) => unstack(a.tensor("input"), a.number("dim", 0))),
  unsafe_chunk: op("input chunks dim", chunks),
  unsafe_split: splitBy("split_size_or_sections"),
  vsplit: splitAlong(() => 0),
  vstack: joined(atLeast(2), () => 0),
};
