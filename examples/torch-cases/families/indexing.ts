// Operators of PyTorch that read from and write to given positions, and those that sort.

import {
  argSort,
  broadcastShapes,
  broadcastTo,
  embedding,
  gather,
  gatherElements,
  kthValue,
  mul,
  type Node,
  reshape,
  scatter,
  scatterElements,
  sizeOf,
  sliceAxis,
  sort,
  take,
  topK,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, ranked, rankedAll, vector } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";
import { placesOf } from "./mask.js";
import { indexed, placed } from "./subscript.js";

/** The elements where a mask holds: as many as it says, so that it must be known when the graph is declared. */
const maskedSelect = op("input mask", (a) => {
  const [x, mask] = [a.tensor("input"), a.known("mask")];
  const shape = broadcastShapes([x.shape, mask.shape]);
  if (shape === undefined) throw new UnsupportedError("a mask that does not broadcast");
  return take(broadcastTo(x, shape), placesOf(mask, shape));
});

/** Writes slices: a copy of the input in which those at the indices are replaced or added to. */
function writing(names: string, combine: "set" | "add"): Mapping {
  return op(`input dim index ${names}`, (a) => {
    const [x, index, axis] = [a.tensor("input"), vector(a.tensor("index")), a.number("dim")];
    const source = a.tensor(names.split(" ")[0] ?? "");
    const scaled = combine === "add" ? mul(source, a.number("alpha", 1)) : source;
    return ranked(x, (base) => scatter(base, index, vector(scaled), { axis, combine }));
  });
}

/** Writes elements; the source may be larger than the index, and a number stands for as many as there are. */
function scattering(combineOf: (a: Arguments) => "set" | "add"): Mapping {
  return op("input dim index src reduce", (a) => {
    const [x, index, axis] = [a.tensor("input"), vector(a.tensor("index")), a.number("dim")];
    const src = a.tensor("src");
    const combine = combineOf(a);
    const whole = src.shape.length === 0 ? broadcastTo(src, index.shape) : src;
    const part = index.shape.reduce((node, extent, other) => sliceAxis(node, other, 0, extent), whole);
    return ranked(x, (base) => scatterElements(base, index, part, { axis, combine }));
  });
}

function reduceOf(a: Arguments): "set" | "add" {
  const name = a.text("reduce", "none");
  if (name === "none") return "set";
  if (name === "add") return "add";
  throw new UnsupportedError(`reduce ${name}`);
}

const sorted = op("input dim descending stable", (a) => {
  a.ignore("stable");
  const options = { axis: a.number("dim", -1), descending: a.flag("descending", false) };
  return rankedAll(a.tensor("input"), (x) => [sort(x, options), argSort(x, options)]);
});

const embedded = op("input weight padding_idx max_norm norm_type scale_grad_by_freq sparse", (a) => {
  if (a.has("max_norm") || a.flag("scale_grad_by_freq", false))
    throw new UnsupportedError("embeddings with side effects");
  if (a.has("padding_idx")) throw new UnsupportedError("a row without gradient");
  a.ignore("norm_type", "sparse");
  const [first, second] = [a.tensor("input"), a.tensor("weight")];
  return first.dtype === "int32" ? embedding(second, first) : embedding(first, second);
});

export const indexing: Mappings = {
  __getitem__: op("input index", (a) => indexed(a, "index", a.tensor("input"))),
  gather: op("input dim index sparse_grad", (a) => {
    a.ignore("sparse_grad");
    const index = a.tensor("index");
    const result = gatherElements(vector(a.tensor("input")), vector(index), a.number("dim"));
    return reshape(result, index.shape);
  }),
  index_add: writing("source alpha", "add"),
  index_copy: writing("source", "set"),
  index_fill: op("input dim index value", (a) => {
    const [index, axis] = [vector(a.tensor("index")), a.number("dim")];
    return ranked(a.tensor("input"), (x) => {
      const at = axis < 0 ? axis + x.shape.length : axis;
      const shape = x.shape.map((extent, other) => (other === at ? sizeOf(index.shape) : extent));
      return scatter(x, index, broadcastTo(a.tensor("value"), shape), { axis: at });
    });
  }),
  index_put: op("input indices values accumulate", (a) =>
    placed(a, "indices", a.tensor("input"), a.tensor("values"), a.flag("accumulate", false)),
  ),
  index_select: op("input dim index", (a) => {
    const [index, axis] = [vector(a.tensor("index")), a.number("dim")];
    return ranked(a.tensor("input"), (x) => gather(x, index, axis));
  }),
  kthvalue: op("input k dim keepdim", (a) => {
    const options = { axis: a.number("dim", -1), keepDims: a.flag("keepdim", false) };
    return rankedAll(a.tensor("input"), (x) => {
      const { values, indices } = kthValue(x, a.number("k"), options);
      return [values, indices];
    });
  }),
  masked_select: maskedSelect,
  msort: op("input", (a) => ranked(a.tensor("input"), (x) => sort(x, { axis: 0 }))),
  "nn.functional.embedding": embedded,
  put: op("input index source accumulate", (a) => {
    const x = a.tensor("input");
    const combine = a.flag("accumulate", false) ? "add" : "set";
    const flat = (node: Node): Node => reshape(node, [sizeOf(node.shape)]);
    return reshape(scatter(flat(x), flat(a.tensor("index")), flat(a.tensor("source")), { combine }), x.shape);
  }),
  scatter: scattering(reduceOf),
  scatter_add: scattering(() => "add"),
  sort: sorted,
  take: op("input index", (a) => take(a.tensor("input"), a.tensor("index"))),
  take_along_dim: op("input indices dim", (a) => {
    const [x, indices] = [a.tensor("input"), a.tensor("indices")];
    if (!a.has("dim")) return take(x, reshape(indices, [sizeOf(indices.shape)]));
    const axis = a.number("dim") < 0 ? a.number("dim") + x.shape.length : a.number("dim");
    const common = (node: Node): Node => {
      const shape = node.shape.map((extent, other) =>
        other === axis ? extent : Math.max(extent, x.shape[other] ?? 1, indices.shape[other] ?? 1),
      );
      return broadcastTo(node, shape);
    };
    return gatherElements(common(x), common(indices), axis);
  }),
  topk: op("input k dim largest sorted", (a) => {
    a.ignore("sorted");
    const options = { axis: a.number("dim", -1), largest: a.flag("largest", true) };
    return rankedAll(a.tensor("input"), (x) => {
      const { values, indices } = topK(x, a.number("k"), options);
      return [values, indices];
    });
  }),
};
