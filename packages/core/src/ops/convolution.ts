/**
 * The general convolution, closed under differentiation: both adjoints are convolutions again. Batch, groups and channels are
 * separate axes, so that every access is affine. The usual forms are plain functions in compositions/convolution.ts.
 */

import { AttributeError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { type Affine, addAffine, axisTimes, rangeOfAffine, shiftAffine } from "../lowering/affine.js";
import type { Access, Index, LoopNest } from "../lowering/loops.js";
import * as s from "../scalar/build.js";
import { argument, constant, coordinate, type Scalar } from "../scalar/scalar.js";
import { extentOf, formatShape, type Shape } from "../shape.js";
import type { TensorType } from "../tensor.js";
import { inferElementwise } from "./elementwise.js";
import { transpose } from "./movement.js";
import { reverse } from "./slice.js";

/** Per spatial axis. */
export interface ConvolutionAttributes {
  readonly strides: readonly number[];
  /** Positions added before the first and after the last one of the dilated x; negative ones are cut off. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Neighbors of x and of the kernel are this many positions apart, with zeros between. */
  readonly inputDilation: readonly number[];
  readonly kernelDilation: readonly number[];
}

const attributes = {
  strides: "integers",
  low: "integers",
  high: "integers",
  inputDilation: "integers",
  kernelDilation: "integers",
} as const;

/** Axes before the spatial ones: batch, groups, channels of x; groups, results, channels of w. */
const leading = 3;

/** Positions that `extent` elements span when neighbors are `dilation` apart. */
export function dilatedExtent(extent: number, dilation: number): number {
  return extent === 0 ? 0 : (extent - 1) * dilation + 1;
}

function at(list: readonly number[], axis: number): number {
  const value = list[axis];
  if (value === undefined) throw new AttributeError(`an entry for spatial axis ${axis} is missing`);
  return value;
}

function spatialExtent(x: Shape, w: Shape, axis: number, a: ConvolutionAttributes): number {
  const padded =
    dilatedExtent(extentOf(x, leading + axis), at(a.inputDilation, axis)) +
    at(a.low, axis) +
    at(a.high, axis);
  const reach = dilatedExtent(extentOf(w, leading + axis), at(a.kernelDilation, axis));
  return padded < reach ? 0 : Math.floor((padded - reach) / at(a.strides, axis)) + 1;
}

function inferConvolution(x: TensorType, w: TensorType, a: ConvolutionAttributes): TensorType {
  const { dtype } = inferElementwise(
    [
      { dtype: x.dtype, shape: [] },
      { dtype: w.dtype, shape: [] },
    ],
    "number",
  );
  const spatial = x.shape.length - leading;
  if (spatial < 0 || w.shape.length !== x.shape.length) {
    throw new ShapeError(
      `x must be [batch, groups, channels, …] and w [groups, results, channels, …] with as many spatial axes, not ` +
        `${formatShape(x.shape)} and ${formatShape(w.shape)}`,
    );
  }
  for (const [name, list] of Object.entries(a)) {
    if (list.length !== spatial)
      throw new AttributeError(`${name} must have ${spatial} entries, not ${list.length}`, name);
  }
  if ([...a.strides, ...a.inputDilation, ...a.kernelDilation].some((value) => value < 1)) {
    throw new AttributeError("strides and dilations must be at least 1");
  }
  if (x.shape[1] !== w.shape[0] || x.shape[2] !== w.shape[2]) {
    throw new ShapeError(
      `groups and channels of x (${x.shape[1]}, ${x.shape[2]}) and w (${w.shape[0]}, ${w.shape[2]}) must be equal`,
    );
  }
  const extents = Array.from({ length: spatial }, (_, axis) => spatialExtent(x.shape, w.shape, axis, a));
  return { dtype, shape: [extentOf(x.shape, 0), extentOf(x.shape, 1), extentOf(w.shape, 1), ...extents] };
}

function toScalar({ offset, strides }: Affine): Scalar {
  return strides.reduce<Scalar>(
    (total, stride, axis) => (stride === 0 ? total : s.add(total, s.mul(coordinate(axis), stride))),
    constant(offset, "int32"),
  );
}

/** Position / dilation where that is whole, outside otherwise. */
function divided(position: Affine, dilation: number): Index {
  if (dilation === 1) return position;
  const dense = toScalar(position);
  return { computed: s.select(s.eq(s.rem(dense, dilation), 0), s.div(dense, dilation), -1) };
}

function convolutionLoops(
  x: TensorType,
  w: TensorType,
  output: TensorType,
  a: ConvolutionAttributes,
): LoopNest {
  const rank = output.shape.length;
  const reduced = w.shape.slice(2);
  const extents = [...output.shape, ...reduced];
  const channel = axisTimes(rank);
  const kernel = w.shape.slice(leading).map((_, axis) => axisTimes(rank + 1 + axis));
  let inside = true;
  const positions = kernel.map((_, axis): Index => {
    const dense = addAffine(
      axisTimes(leading + axis, at(a.strides, axis)),
      axisTimes(rank + 1 + axis, at(a.kernelDilation, axis)),
    );
    const position = shiftAffine(dense, -at(a.low, axis));
    const dilation = at(a.inputDilation, axis);
    const { low, high } = rangeOfAffine(position, extents);
    inside &&= dilation === 1 && low >= 0 && high < extentOf(x.shape, leading + axis);
    return divided(position, dilation);
  });
  const index = [axisTimes(0), axisTimes(1), channel, ...positions];
  const read: Access = inside ? { index } : { index, fill: 0 };
  return {
    reduced,
    accesses: [read, { index: [axisTimes(1), axisTimes(2), channel, ...kernel] }],
    body: s.mul(argument(0, x.dtype), argument(1, w.dtype)),
    combine: "add",
  };
}

/** Exchanges the first and the third axis, or the second and third: which roles batch, results and channels play. */
function exchanged(node: Node, a: number, b: number): Node {
  const permutation = node.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return transpose(node, permutation);
}

/** x̄: the adjoint convolved with the mirrored kernel, input dilation and stride exchanged. */
function inputAdjoint(x: Node, w: Node, adjoint: Node, a: ConvolutionAttributes): Node {
  const spatial = Array.from({ length: x.shape.length - leading }, (_, axis) => axis);
  const reach = spatial.map((axis) =>
    dilatedExtent(extentOf(w.shape, leading + axis), at(a.kernelDilation, axis)),
  );
  const low = spatial.map((axis) => at(reach, axis) - 1 - at(a.low, axis));
  const high = spatial.map((axis) => {
    const wanted = (extentOf(x.shape, leading + axis) - 1) * at(a.inputDilation, axis) + at(reach, axis);
    return (
      wanted - dilatedExtent(extentOf(adjoint.shape, leading + axis), at(a.strides, axis)) - at(low, axis)
    );
  });
  const mirrored = reverse(
    exchanged(w, 1, 2),
    spatial.map((axis) => leading + axis),
  );
  const { strides, inputDilation, kernelDilation } = a;
  return conv(adjoint, mirrored, {
    strides: inputDilation,
    low,
    high,
    inputDilation: strides,
    kernelDilation,
  });
}

/** w̄: x convolved with the adjoint, batch as channels, stride and kernel dilation exchanged. */
function kernelAdjoint(x: Node, w: Node, adjoint: Node, a: ConvolutionAttributes): Node {
  const high = w.shape.slice(leading).map((extent, axis) => {
    const wanted =
      (extent - 1) * at(a.kernelDilation, axis) +
      dilatedExtent(extentOf(adjoint.shape, leading + axis), at(a.strides, axis));
    return (
      wanted - dilatedExtent(extentOf(x.shape, leading + axis), at(a.inputDilation, axis)) - at(a.low, axis)
    );
  });
  const { strides, low, inputDilation, kernelDilation } = a;
  const byChannel = exchanged(x, 0, 2);
  const byResult = transpose(adjoint, [
    1,
    2,
    0,
    ...adjoint.shape.slice(leading).map((_, axis) => leading + axis),
  ]);
  const product = conv(byChannel, byResult, {
    strides: kernelDilation,
    low,
    high,
    inputDilation,
    kernelDilation: strides,
  });
  return transpose(product, [1, 2, 0, ...w.shape.slice(leading).map((_, axis) => leading + axis)]);
}

const convOp: Op = defineOp({
  name: "conv",
  doc: "Convolution (as a correlation): sums of products of a kernel with windows of x, for every batch and group.",
  operands: ["x", "w"],
  attributes,
  notation: "{x} \\star {w}",
  infer: ([x, w], a) => inferConvolution(x, w, a),
  lower: ([x, w], a, output) => ({ kind: "contract", loops: convolutionLoops(x, w, output, a) }),
  vjp: ({ operands: [x, w], attributes: a, adjoint }) => [
    inputAdjoint(x, w, adjoint, a),
    kernelAdjoint(x, w, adjoint, a),
  ],
});

/**
 * The general convolution: x [N, G, C, …S], w [G, O, C, …K] → [N, G, O, …T] with
 * y[n, g, o, t] = Σ_{c, k} x[n, g, c, (t · strides + k · kernelDilation - low) / inputDilation] w[g, o, c, k], where x is 0
 * outside and between dilated positions, and T = ⌊(dilated S + low + high - dilated K) / strides⌋ + 1.
 * Source: XLA's ConvWithGeneralPadding. @throws ShapeError, DTypeError or AttributeError saying what was expected.
 */
export const conv = opFunction(
  convOp,
  <Feeds extends string>(x: Node<Feeds>, w: Node<Feeds>, a: ConvolutionAttributes): Node<Feeds> =>
    createNode(convOp, [x, w], {
      strides: [...a.strides],
      low: [...a.low],
      high: [...a.high],
      inputDilation: [...a.inputDilation],
      kernelDilation: [...a.kernelDilation],
    }),
);
