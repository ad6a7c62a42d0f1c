/** Convolutions as PyTorch and ONNX know them (channels first), as plain functions over the general `conv`. */

import { AttributeError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { add } from "../ops/arithmetic.js";
import { conv, dilatedExtent } from "../ops/convolution.js";
import { expandDims, reshape, squeeze, transpose } from "../ops/movement.js";
import { reverse } from "../ops/slice.js";
import { extentOf, formatShape } from "../shape.js";

/** Elements added on both sides, or [low, high], of each spatial axis; one entry for all. */
export type Padding = number | readonly (number | readonly [low: number, high: number])[];

export interface ConvOptions<Feeds extends string = string> {
  /** One per output channel. */
  readonly bias?: Node<Feeds>;
  /** 1 unless given; one number for all spatial axes. */
  readonly strides?: number | readonly number[];
  /** 0 unless given; `same` gives ⌈extent / stride⌉ positions with the odd element after, `valid` is 0. */
  readonly padding?: Padding | "same" | "valid";
  readonly dilation?: number | readonly number[];
  /** Channels are divided into this many parts that do not see each other. */
  readonly groups?: number;
}

export interface ConvTransposeOptions<Feeds extends string = string> extends ConvOptions<Feeds> {
  /** What the convolution that this is the adjoint of padded with. */
  readonly padding?: Padding;
  /** Extra positions at the end of each spatial axis: which of the possible extents is meant. */
  readonly outputPadding?: number | readonly number[];
}

/** One entry per spatial axis. */
export function perAxis<T>(
  value: T | readonly T[],
  spatial: number,
  name: string,
  what: string,
): readonly T[] {
  if (!isList(value)) return new Array<T>(spatial).fill(value);
  const [only] = value;
  if (value.length === 1 && only !== undefined) return new Array<T>(spatial).fill(only);
  if (value.length !== spatial) {
    throw new AttributeError(`${what}: ${name} must have ${spatial} entries, not ${value.length}.`, name);
  }
  return value;
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** [low, high] per spatial axis. */
export function paddingPairs(padding: Padding, spatial: number, what: string): [low: number, high: number][] {
  return perAxis<number | readonly [number, number]>(padding, spatial, "padding", what).map((width) =>
    typeof width === "number" ? [width, width] : [width[0], width[1]],
  );
}

interface Geometry {
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

function geometryOf(options: ConvOptions, spatial: number, what: string): Geometry {
  const { strides = 1, dilation = 1, groups = 1 } = options;
  return {
    strides: perAxis(strides, spatial, "strides", what),
    dilation: perAxis(dilation, spatial, "dilation", what),
    groups,
  };
}

function pairsOf(
  x: Node,
  w: Node,
  { strides, dilation }: Geometry,
  padding: ConvOptions["padding"],
  what: string,
) {
  if (padding !== "same")
    return paddingPairs(padding === "valid" || padding === undefined ? 0 : padding, strides.length, what);
  return strides.map((stride, axis): [number, number] => {
    const extent = extentOf(x.shape, 2 + axis);
    const reach = dilatedExtent(extentOf(w.shape, 2 + axis), dilation[axis] ?? 1);
    const total = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

function checkShapes(
  x: Node,
  w: Node,
  spatial: number,
  groups: number,
  channelsOfX: number,
  what: string,
): void {
  const channels = extentOf(x.shape, 1);
  const divides = channels % groups === 0 && extentOf(w.shape, 0) % groups === 0;
  if (w.shape.length !== spatial + 2 || channels !== channelsOfX || !divides) {
    throw new ShapeError(
      `${what}: x ${formatShape(x.shape)} and w ${formatShape(w.shape)} must have ${spatial} spatial axes, and channels that ` +
        `agree and divide into ${groups} groups.`,
      String(w),
    );
  }
}

/** Splits one axis into groups and what is in each. */
function grouped<Feeds extends string>(x: Node<Feeds>, axis: number, groups: number): Node<Feeds> {
  const rest = extentOf(x.shape, axis) / groups;
  return reshape(x, [...x.shape.slice(0, axis), groups, rest, ...x.shape.slice(axis + 1)]);
}

function ungrouped<Feeds extends string>(y: Node<Feeds>, bias: Node<Feeds> | undefined): Node<Feeds> {
  const [batch = 0, groups = 0, results = 0, ...spatial] = y.shape;
  const merged = reshape(y, [batch, groups * results, ...spatial]);
  return bias === undefined ? merged : add(merged, reshape(bias, [...bias.shape, ...spatial.map(() => 1)]));
}

/** Runs over a batch; an x without a batch axis is a batch of one. */
function batched<Feeds extends string>(
  x: Node<Feeds>,
  spatial: number,
  what: string,
  run: (x: Node<Feeds>) => Node<Feeds>,
): Node<Feeds> {
  if (x.shape.length === spatial + 2) return run(x);
  if (x.shape.length === spatial + 1) return squeeze(run(expandDims(x, 0)), 0);
  throw new ShapeError(
    `${what}: ${String(x)} must be [batch, channels, …] with ${spatial} spatial axes.`,
    String(x),
  );
}

type Convolution = <Feeds extends string>(
  x: Node<Feeds>,
  w: Node<Feeds>,
  options?: ConvOptions<Feeds>,
) => Node<Feeds>;

function convolution(spatial: 1 | 2 | 3): Convolution {
  const what = `conv${spatial}d`;
  return (x, w, options = {}) =>
    batched(x, spatial, what, (input) => {
      const geometry = geometryOf(options, spatial, what);
      const { strides, dilation, groups } = geometry;
      checkShapes(input, w, spatial, groups, (w.shape[1] ?? 0) * groups, what);
      const pairs = pairsOf(input, w, geometry, options.padding, what);
      const y = conv(grouped(input, 1, groups), grouped(w, 0, groups), {
        strides,
        low: pairs.map(([low]) => low),
        high: pairs.map(([, high]) => high),
        inputDilation: strides.map(() => 1),
        kernelDilation: dilation,
      });
      return ungrouped(y, options.bias);
    });
}

/** Convolution over one axis: x [N, C, L] (or [C, L]), w [O, C / groups, K] → [N, O, ⌊(L + padding - dilation (K - 1) - 1) / stride⌋ + 1]. */
export const conv1d: Convolution = convolution(1);

/** Convolution over two axes: x [N, C, H, W] (or [C, H, W]), w [O, C / groups, K, L] → [N, O, …]; see `conv1d`. */
export const conv2d: Convolution = convolution(2);

/** Convolution over three axes: x [N, C, D, H, W] (or [C, D, H, W]), w [O, C / groups, J, K, L] → [N, O, …]; see `conv1d`. */
export const conv3d: Convolution = convolution(3);

type TransposedConvolution = <Feeds extends string>(
  x: Node<Feeds>,
  w: Node<Feeds>,
  options?: ConvTransposeOptions<Feeds>,
) => Node<Feeds>;

function transposedConvolution(spatial: 1 | 2 | 3): TransposedConvolution {
  const what = `convTranspose${spatial}d`;
  return (x, w, options = {}) =>
    batched(x, spatial, what, (input) => {
      const { strides, dilation, groups } = geometryOf(options, spatial, what);
      checkShapes(input, w, spatial, groups, w.shape[0] ?? 0, what);
      const extra = perAxis(options.outputPadding ?? 0, spatial, "outputPadding", what);
      const pairs = paddingPairs(options.padding ?? 0, spatial, what);
      const reach = dilation.map((step, axis) => step * (extentOf(w.shape, 2 + axis) - 1));
      const [first, channels, results, ...kernel] = grouped(w, 0, groups).shape.keys();
      const swapped = transpose(grouped(w, 0, groups), [first ?? 0, results ?? 0, channels ?? 0, ...kernel]);
      const y = conv(grouped(input, 1, groups), reverse(swapped, kernel), {
        strides: strides.map(() => 1),
        low: pairs.map(([low], axis) => (reach[axis] ?? 0) - low),
        high: pairs.map(([, high], axis) => (reach[axis] ?? 0) - high + (extra[axis] ?? 0)),
        inputDilation: strides,
        kernelDilation: dilation,
      });
      return ungrouped(y, options.bias);
    });
}

/**
 * The adjoint of a convolution over one axis: x [N, C, L] (or [C, L]), w [C, O / groups, K] →
 * [N, O, (L - 1) · stride - padding + dilation (K - 1) + outputPadding + 1].
 */
export const convTranspose1d: TransposedConvolution = transposedConvolution(1);

/** The adjoint of a convolution over two axes: x [N, C, H, W], w [C, O / groups, K, L] → [N, O, …]; see `convTranspose1d`. */
export const convTranspose2d: TransposedConvolution = transposedConvolution(2);

/** The adjoint of a convolution over three axes; see `convTranspose1d`. */
export const convTranspose3d: TransposedConvolution = transposedConvolution(3);
