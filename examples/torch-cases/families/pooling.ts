// Pooling of torch.nn.functional, with the positions that it can return.

import {
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  broadcastTo,
  cast,
  constant,
  iota,
  maxPool,
  type Node,
  reshape,
  round,
  scatterElements,
  sizeOf,
} from "@adjoint/core";
import { jvp } from "@adjoint/scheduler";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

type Spatial = 1 | 2 | 3;

/** Where among the last axes of x each maximum was: the derivative of the maxima along the positions. */
function positionsOf(maxima: Node, x: Node, spatial: Spatial): Node {
  const extents = x.shape.slice(-spatial);
  const positions = broadcastTo(reshape(iota([sizeOf(extents)], 0, "float64"), extents), x.shape);
  return cast(round(jvp(maxima, [x], [positions])), "int32");
}

function geometry(
  a: Arguments,
  spatial: Spatial,
): {
  readonly strides: readonly number[];
  readonly padding: readonly number[];
  readonly ceilMode: boolean;
} {
  return {
    strides: a.perAxis((a.numbers("stride") ?? []).length > 0 ? "stride" : "kernel_size", spatial),
    padding: a.perAxis("padding", spatial, 0),
    ceilMode: a.flag("ceil_mode", false),
  };
}

function averaging(spatial: Spatial): Mapping {
  return op("input kernel_size stride padding ceil_mode count_include_pad divisor_override", (a) =>
    averagePool(a.tensor("input"), a.perAxis("kernel_size", spatial), {
      ...geometry(a, spatial),
      countIncludePad: a.flag("count_include_pad", true),
      ...(a.has("divisor_override") ? { divisor: a.number("divisor_override") } : {}),
    }),
  );
}

function maximal(spatial: Spatial): Mapping {
  return op("input kernel_size stride padding dilation ceil_mode return_indices", (a) => {
    const x = a.tensor("input");
    const maxima = maxPool(x, a.perAxis("kernel_size", spatial), {
      ...geometry(a, spatial),
      dilation: a.perAxis("dilation", spatial, 1),
    });
    return a.flag("return_indices", false) ? [maxima, positionsOf(maxima, x, spatial)] : maxima;
  });
}

/** One extent for every axis, or one each, of which None keeps the axis. */
function extentsOf(a: Arguments, spatial: Spatial): (number | null)[] {
  const raw = a.raw("output_size");
  if (raw === undefined || !("list" in raw)) return a.perAxis("output_size", spatial);
  const list = raw.list.map((entry) =>
    "value" in entry && entry.value === null ? null : a.numberOf(entry, "output_size"),
  );
  const [only = null] = list;
  return list.length === 1 ? new Array<number | null>(spatial).fill(only) : list;
}

function adaptiveAveraging(spatial: Spatial): Mapping {
  return op("input output_size", (a) => adaptiveAveragePool(a.tensor("input"), extentsOf(a, spatial)));
}

function adaptiveMaximal(spatial: Spatial): Mapping {
  return op("input output_size return_indices", (a) => {
    const x = a.tensor("input");
    const maxima = adaptiveMaxPool(x, extentsOf(a, spatial));
    return a.flag("return_indices", false) ? [maxima, positionsOf(maxima, x, spatial)] : maxima;
  });
}

/** Of several maxima put to one position one stays; PyTorch's adjoint, which is none there, reaches all of them. */
function checkDistinct(positions: readonly number[], size: number): void {
  for (let start = 0; start < positions.length; start += size) {
    const part = positions.slice(start, start + size);
    if (new Set(part).size < part.length) throw new UnsupportedError("several maxima for one position");
  }
}

/** Maxima put back at the positions that they came from, zeros elsewhere. */
function unpooling(spatial: Spatial): Mapping {
  return op("input indices kernel_size stride padding output_size", (a) => {
    const [x, indices, sizes] = [a.tensor("input"), a.tensor("indices"), a.perAxis("kernel_size", spatial)];
    checkDistinct(a.known("indices").elements, sizeOf(x.shape.slice(-spatial)));
    const strides = a.has("stride") ? a.perAxis("stride", spatial) : sizes;
    const padding = a.perAxis("padding", spatial, 0);
    const extents = x.shape
      .slice(-spatial)
      .map((extent, k) => (extent - 1) * (strides[k] ?? 1) - 2 * (padding[k] ?? 0) + (sizes[k] ?? 1));
    const wanted = a.has("output_size") ? (a.numbers("output_size") ?? []).slice(-spatial) : extents;
    const lead = x.shape.slice(0, -spatial);
    if (wanted.length !== spatial) throw new UnsupportedError("an output_size of another rank");
    const flat = (node: Node): Node => reshape(node, [...lead, sizeOf(node.shape.slice(-spatial))]);
    const base = constant(0, { dtype: x.dtype, shape: [...lead, sizeOf(wanted)] });
    return reshape(scatterElements(base, flat(indices), flat(x), { axis: -1 }), [...lead, ...wanted]);
  });
}

export const pools: Mappings = {
  "nn.functional.adaptive_avg_pool1d": adaptiveAveraging(1),
  "nn.functional.adaptive_avg_pool2d": adaptiveAveraging(2),
  "nn.functional.adaptive_avg_pool3d": adaptiveAveraging(3),
  "nn.functional.adaptive_max_pool1d": adaptiveMaximal(1),
  "nn.functional.adaptive_max_pool2d": adaptiveMaximal(2),
  "nn.functional.adaptive_max_pool3d": adaptiveMaximal(3),
  "nn.functional.avg_pool1d": averaging(1),
  "nn.functional.avg_pool2d": averaging(2),
  "nn.functional.avg_pool3d": averaging(3),
  "nn.functional.max_pool1d": maximal(1),
  "nn.functional.max_pool2d": maximal(2),
  "nn.functional.max_pool3d": maximal(3),
  "nn.functional.max_unpool1d": unpooling(1),
  "nn.functional.max_unpool2d": unpooling(2),
  "nn.functional.max_unpool3d": unpooling(3),
};
