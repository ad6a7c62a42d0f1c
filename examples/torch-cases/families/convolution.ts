// Convolutions, windows, padding and resampling of torch.nn.functional.

import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  gridSample,
  type Node,
  type PadMode,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  type Range,
  type ResizeMode,
  type ResizeTarget,
  reshape,
  resize,
  sizeOf,
  slice,
  swapaxes,
  transpose,
  windows,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

const forward = { 1: conv1d, 2: conv2d, 3: conv3d } as const;
const transposed = { 1: convTranspose1d, 2: convTranspose2d, 3: convTranspose3d } as const;

/** "same" and "valid", or widths. */
function paddingOf(a: Arguments, spatial: number): number[] | "same" | "valid" {
  const raw = a.raw("padding");
  if (raw === undefined || !("value" in raw) || typeof raw.value !== "string")
    return a.perAxis("padding", spatial, 0);
  const name = a.text("padding");
  if (name === "same" || name === "valid") return name;
  throw new UnsupportedError(`padding ${name}`);
}

function biasOf(a: Arguments): { readonly bias?: Node } {
  const bias = a.optional("bias");
  return bias === undefined ? {} : { bias };
}

function convolution(spatial: 1 | 2 | 3): Mapping {
  return op("input weight bias stride padding dilation groups", (a) =>
    forward[spatial](a.tensor("input"), a.tensor("weight"), {
      strides: a.perAxis("stride", spatial, 1),
      padding: paddingOf(a, spatial),
      dilation: a.perAxis("dilation", spatial, 1),
      groups: a.number("groups", 1),
      ...biasOf(a),
    }),
  );
}

function transposedConvolution(spatial: 1 | 2 | 3): Mapping {
  return op("input weight bias stride padding output_padding groups dilation", (a) =>
    transposed[spatial](a.tensor("input"), a.tensor("weight"), {
      strides: a.perAxis("stride", spatial, 1),
      padding: a.perAxis("padding", spatial, 0),
      outputPadding: a.perAxis("output_padding", spatial, 0),
      dilation: a.perAxis("dilation", spatial, 1),
      groups: a.number("groups", 1),
      ...biasOf(a),
    }),
  );
}

const padModes = {
  constant: "constant",
  reflect: "reflect",
  replicate: "edge",
  circular: "wrap",
} as const satisfies Record<string, PadMode>;

/** Widths come from the last axis to the first. */
function widthsOf(a: Arguments, x: Node): [number, number][] {
  const widths = a.numbers("pad") ?? [];
  return x.shape.map((_, axis) => {
    const fromLast = x.shape.length - 1 - axis;
    return [widths[2 * fromLast] ?? 0, widths[2 * fromLast + 1] ?? 0];
  });
}

const padding = op("input pad mode value", (a) => {
  const x = a.tensor("input");
  const name = a.text("mode", "constant");
  const mode = Object.entries(padModes).find(([known]) => known === name)?.[1];
  if (mode === undefined) throw new UnsupportedError(`mode ${name}`);
  const pairs = widthsOf(a, x);
  if (mode === "constant") return pad(x, pairs, { mode, value: a.number("value", 0) });
  // Negative widths cut first: what is repeated is what they leave.
  const kept =
    mode === "wrap"
      ? slice(
          x,
          pairs.map(([low, high]): Range => [Math.max(0, -low), high < 0 ? high : undefined]),
        )
      : x;
  return pad(
    kept,
    mode === "wrap" ? pairs.map(([low, high]) => [Math.max(0, low), Math.max(0, high)] as const) : pairs,
    { mode },
  );
});

const resizeModes = {
  nearest: "nearest",
  "nearest-exact": "nearestExact",
  linear: "linear",
  bilinear: "linear",
  trilinear: "linear",
  bicubic: "cubic",
  area: "area",
} as const satisfies Record<string, ResizeMode>;

/** Extents, or factors; recomputed ones are those of the extents that they give. */
function targetOf(a: Arguments, x: Node, recomputed = false): ResizeTarget {
  const spatial = x.shape.length - 2;
  if (a.has("size")) return { extents: a.perAxis("size", spatial) };
  const scales = a.perAxis("scale_factor", spatial);
  return recomputed
    ? { extents: scales.map((scale, k) => Math.floor(scale * (x.shape[2 + k] ?? 1))) }
    : { scales };
}

function resized(a: Arguments, name: string): Node {
  const x = a.tensor("input");
  const mode = Object.entries(resizeModes).find(([known]) => known === name)?.[1];
  if (mode === undefined) throw new UnsupportedError(`mode ${name}`);
  if (a.flag("antialias", false)) throw new UnsupportedError("antialias");
  const target = targetOf(a, x, a.flag("recompute_scale_factor", false));
  return resize(x, target, { mode, alignCorners: a.flag("align_corners", false) });
}

const gridModes = { bilinear: "linear", nearest: "nearest", bicubic: "cubic" } as const;
const gridPaddings = ["zeros", "border", "reflection"] as const;

const sampled = op("input grid mode padding_mode align_corners", (a) => {
  const [modeName, paddingName] = [a.text("mode", "bilinear"), a.text("padding_mode", "zeros")];
  const mode = Object.entries(gridModes).find(([known]) => known === modeName)?.[1];
  const outside = gridPaddings.find((known) => known === paddingName);
  if (mode === undefined || outside === undefined)
    throw new UnsupportedError(`${modeName} with ${paddingName}`);
  return gridSample(a.tensor("input"), a.tensor("grid"), {
    mode,
    padding: outside,
    alignCorners: a.flag("align_corners", false),
  });
});

/** Windows of both spatial axes as columns. */
const unfolded = op("input kernel_size dilation padding stride", (a) => {
  const x = a.tensor("input");
  const [low = 0, other = 0] = a.perAxis("padding", 2, 0);
  const lead = x.shape.slice(0, -2).map((): [number, number] => [0, 0]);
  const parts = windows(pad(x, [...lead, [low, low], [other, other]]), a.perAxis("kernel_size", 2), {
    strides: a.perAxis("stride", 2, 1),
    dilations: a.perAxis("dilation", 2, 1),
  });
  const rank = parts.shape.length;
  const order = [...parts.shape.keys()].slice(0, -4);
  const columns = transpose(parts, [...order, rank - 2, rank - 1, rank - 4, rank - 3]);
  const batch = x.shape.slice(0, -3);
  return reshape(columns, [
    ...batch,
    sizeOf(columns.shape.slice(batch.length, -2)),
    sizeOf(columns.shape.slice(-2)),
  ]);
});

const shuffled = (x: Node, groups: number): Node => {
  const [batch = 1, channels = 1, ...rest] = x.shape;
  return reshape(swapaxes(reshape(x, [batch, groups, channels / groups, ...rest]), 1, 2), x.shape);
};

export const convolutions: Mappings = {
  constant_pad_nd: op("input pad value", (a) => {
    const x = a.tensor("input");
    return pad(x, widthsOf(a, x), { value: a.number("value", 0) });
  }),
  "nn.functional.channel_shuffle": op("input groups", (a) => shuffled(a.tensor("input"), a.number("groups"))),
  "nn.functional.conv1d": convolution(1),
  "nn.functional.conv2d": convolution(2),
  "nn.functional.conv3d": convolution(3),
  "nn.functional.conv_transpose1d": transposedConvolution(1),
  "nn.functional.conv_transpose2d": transposedConvolution(2),
  "nn.functional.conv_transpose3d": transposedConvolution(3),
  "nn.functional.grid_sample": sampled,
  "nn.functional.interpolate": op(
    "input size scale_factor mode align_corners recompute_scale_factor antialias",
    (a) => resized(a, a.text("mode", "nearest")),
  ),
  "nn.functional.pad": padding,
  "nn.functional.pixel_shuffle": op("input upscale_factor", (a) =>
    pixelShuffle(a.tensor("input"), a.number("upscale_factor")),
  ),
  "nn.functional.pixel_unshuffle": op("input downscale_factor", (a) =>
    pixelUnshuffle(a.tensor("input"), a.number("downscale_factor")),
  ),
  "nn.functional.unfold": unfolded,
  "nn.functional.upsample_bilinear": op("input size scale_factor", (a) => {
    const x = a.tensor("input");
    return resize(x, targetOf(a, x), { mode: "linear", alignCorners: true });
  }),
  "nn.functional.upsample_nearest": op("input size scale_factor", (a) => resized(a, "nearest")),
};
