/** Cases of convolutions, expected by adding product after product where it belongs. */

import {
  conv,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "@adjoint/core";
import { type Cases, float, integers, type Tensor } from "./case.js";
import { at, indices, positionOf, sizeOf } from "./expect.js";

interface Geometry {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly low: readonly number[];
  readonly dilation: readonly number[];
  readonly inputDilation?: readonly number[];
  readonly groups?: number;
  readonly bias?: boolean;
}

function part(list: readonly number[] | undefined, axis: number): number {
  return list?.[axis] ?? 1;
}

/** Each element of x times each of w goes to the position that sees both. x [N, C, S…], w [O, C / groups, K…]. */
function convolved({ shape, strides, low, dilation, inputDilation, groups = 1 }: Geometry) {
  return (x: Tensor, w: Tensor, bias?: Tensor): number[] => {
    const result = new Array<number>(sizeOf(shape)).fill(0);
    const [results = 1, channels = 1] = w.shape;
    for (const [n = 0, c = 0, ...place] of indices(x.shape)) {
      for (const [o = 0, inner = 0, ...tap] of indices(w.shape)) {
        const group = Math.floor(o / (results / groups));
        if (group * channels + inner !== c) continue;
        const reach = place.map(
          (p, axis) =>
            p * part(inputDilation, axis) + (low[axis] ?? 0) - (tap[axis] ?? 0) * part(dilation, axis),
        );
        const target = reach.map((r, axis) => r / part(strides, axis));
        if (target.some((t, axis) => !Number.isInteger(t) || t < 0 || t >= (shape[2 + axis] ?? 0))) continue;
        const position = positionOf(shape, [n, o, ...target]);
        result[position] = (result[position] ?? 0) + at(x, [n, c, ...place]) * at(w, [o, inner, ...tap]);
      }
    }
    const spatial = sizeOf(shape.slice(2));
    return result.map((total, i) => total + (bias?.data[Math.floor(i / spatial) % results] ?? 0));
  };
}

/** The adjoint: x [N, C, S…], w [C, O / groups, K…]. */
function spread({ shape, strides, low, dilation, groups = 1 }: Geometry) {
  return (x: Tensor, w: Tensor, bias?: Tensor): number[] => {
    const result = new Array<number>(sizeOf(shape)).fill(0);
    const [channels = 1, results = 1] = w.shape;
    for (const [n = 0, c = 0, ...place] of indices(x.shape)) {
      for (const [, o = 0, ...tap] of indices([1, ...w.shape.slice(1)])) {
        const target = place.map(
          (p, axis) => p * part(strides, axis) + (tap[axis] ?? 0) * part(dilation, axis) - (low[axis] ?? 0),
        );
        if (target.some((t, axis) => t < 0 || t >= (shape[2 + axis] ?? 0))) continue;
        const group = Math.floor(c / (channels / groups));
        const position = positionOf(shape, [n, group * results + o, ...target]);
        result[position] = (result[position] ?? 0) + at(x, [n, c, ...place]) * at(w, [c, o, ...tap]);
      }
    }
    const spatial = sizeOf(shape.slice(2));
    return result.map((total, i) => total + (bias?.data[Math.floor(i / spatial) % (results * groups)] ?? 0));
  };
}

const ones = [1, 1, 1];
const none = [0, 0, 0];
const plain = { strides: [1], low: [0], high: [0], inputDilation: [1], kernelDilation: [1] };

/** x [N, G, C, S…] and w [G, O, C, K…] with groups merged into channels and results. */
function merged({ shape: [n = 1, g = 1, c = 1, ...rest], data }: Tensor): Tensor {
  return { shape: [n, g * c, ...rest], data };
}
function mergedKernel({ shape: [g = 1, o = 1, ...rest], data }: Tensor): Tensor {
  return { shape: [g * o, ...rest], data };
}

export const convolution = {
  conv: [
    {
      operands: [float([2, 2, 2, 5]), float([2, 3, 2, 3])],
      build: (x, w) => conv(x, w, plain),
      value: (x, w) =>
        convolved({ shape: [2, 6, 3], strides: [1], low: [0], dilation: [1], groups: 2 })(
          merged(x),
          mergedKernel(w),
        ),
      shape: [2, 2, 3, 3],
    },
    {
      title: "everything at once, in two dimensions",
      operands: [float([2, 1, 2, 4, 3]), float([1, 2, 2, 2, 3])],
      build: (x, w) =>
        conv(x, w, {
          strides: [2, 3],
          low: [1, -1],
          high: [2, 4],
          inputDilation: [2, 3],
          kernelDilation: [3, 1],
        }),
      value: (x, w) =>
        convolved({
          shape: [2, 2, 4, 3],
          strides: [2, 3],
          low: [1, -1],
          dilation: [3, 1],
          inputDilation: [2, 3],
        })(merged(x), mergedKernel(w)),
      shape: [2, 1, 2, 4, 3],
    },
    {
      title: "stride that leaves elements unread",
      operands: [float([1, 1, 1, 8]), float([1, 1, 1, 2])],
      build: (x, w) => conv(x, w, { ...plain, strides: [3] }),
      value: (x, w) =>
        convolved({ shape: [1, 1, 3], strides: [3], low: [0], dilation: [1] })(merged(x), mergedKernel(w)),
    },
    {
      title: "kernel too long",
      operands: [float([1, 1, 1, 2]), float([1, 1, 1, 4])],
      build: (x, w) => conv(x, w, plain),
      value: [],
      shape: [1, 1, 1, 0],
    },
    {
      title: "no spatial axes",
      operands: [float([2, 1, 3]), float([1, 2, 3])],
      build: (x, w) => conv(x, w, { strides: [], low: [], high: [], inputDilation: [], kernelDilation: [] }),
      value: (x, w) =>
        convolved({ shape: [2, 2], strides: [], low: [], dilation: [] })(merged(x), mergedKernel(w)),
    },
    {
      title: "integers",
      operands: [integers([1, 1, 1, 4], [1, 2, 3, 4]), integers([1, 1, 1, 2], [1, -1])],
      build: (x, w) => conv(x, w, plain),
      value: [-1, -1, -1],
    },
  ],
  conv1d: [
    {
      operands: [float([2, 3, 6]), float([2, 3, 3]), float([2])],
      build: (x, w, bias) => conv1d(x, w, { bias, strides: 2, padding: 1 }),
      value: convolved({ shape: [2, 2, 3], strides: [2], low: [1], dilation: ones }),
    },
    {
      title: "without batch, same",
      operands: [float([2, 5]), float([2, 1, 2])],
      build: (x, w) => conv1d(x, w, { groups: 2, padding: "same" }),
      value: (x, w) =>
        convolved({ shape: [1, 2, 5], strides: ones, low: [0], dilation: ones, groups: 2 })(
          { ...x, shape: [1, 2, 5] },
          w,
        ),
      shape: [2, 5],
    },
  ],
  conv2d: [
    {
      operands: [float([2, 4, 5, 4]), float([2, 2, 3, 2]), float([2])],
      build: (x, w, bias) =>
        conv2d(x, w, { bias, strides: [2, 1], padding: [[1, 2], 0], dilation: [1, 2], groups: 2 }),
      value: convolved({ shape: [2, 2, 3, 2], strides: [2, 1], low: [1, 0], dilation: [1, 2], groups: 2 }),
      shape: [2, 2, 3, 2],
    },
    {
      title: "same, strided",
      operands: [float([1, 1, 5, 4]), float([1, 1, 3, 2])],
      build: (x, w) => conv2d(x, w, { strides: 2, padding: "same" }),
      value: convolved({ shape: [1, 1, 3, 2], strides: [2, 2], low: [1, 0], dilation: ones }),
      shape: [1, 1, 3, 2],
    },
    {
      title: "depthwise, valid",
      operands: [float([1, 3, 3, 3]), float([3, 1, 2, 2])],
      build: (x, w) => conv2d(x, w, { groups: 3, padding: "valid" }),
      value: convolved({ shape: [1, 3, 2, 2], strides: ones, low: none, dilation: ones, groups: 3 }),
    },
  ],
  conv3d: [
    {
      operands: [float([1, 2, 3, 3, 2]), float([1, 2, 2, 2, 1]), float([1])],
      build: (x, w, bias) => conv3d(x, w, { bias, padding: [0, 1, 0] }),
      value: convolved({ shape: [1, 1, 2, 4, 2], strides: ones, low: [0, 1, 0], dilation: ones }),
    },
  ],
  convTranspose1d: [
    {
      operands: [float([2, 2, 4]), float([2, 3, 3]), float([3])],
      build: (x, w, bias) => convTranspose1d(x, w, { bias, strides: 2, padding: 1, outputPadding: 1 }),
      value: spread({ shape: [2, 3, 8], strides: [2], low: [1], dilation: ones }),
      shape: [2, 3, 8],
    },
    {
      title: "without batch, dilated",
      operands: [float([4, 3]), float([4, 1, 2])],
      build: (x, w) => convTranspose1d(x, w, { dilation: 2, groups: 2 }),
      value: (x, w) =>
        spread({ shape: [1, 2, 5], strides: ones, low: none, dilation: [2], groups: 2 })(
          { ...x, shape: [1, 4, 3] },
          w,
        ),
      shape: [2, 5],
    },
  ],
  convTranspose2d: [
    {
      operands: [float([1, 4, 2, 3]), float([4, 1, 3, 2])],
      build: (x, w) =>
        convTranspose2d(x, w, { strides: [2, 3], padding: [1, 0], dilation: [1, 2], groups: 2 }),
      value: spread({ shape: [1, 2, 3, 9], strides: [2, 3], low: [1, 0], dilation: [1, 2], groups: 2 }),
      shape: [1, 2, 3, 9],
    },
  ],
  convTranspose3d: [
    {
      operands: [float([1, 1, 2, 2, 2]), float([1, 2, 2, 1, 2])],
      build: (x, w) => convTranspose3d(x, w, { strides: [1, 2, 1], outputPadding: [0, 1, 0] }),
      value: spread({ shape: [1, 2, 3, 4, 3], strides: [1, 2, 1], low: none, dilation: ones }),
      shape: [1, 2, 3, 4, 3],
    },
  ],
} satisfies Cases;
