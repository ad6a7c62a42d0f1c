// Convolutions and both their adjoints, of small whole numbers, which every order of the sums gives exactly: strides whose adjoint
// reads what is between dilated positions, which is nothing, with kernels smaller than the stride, dilation that skips classes
// of positions, groups, sums and channels in several pieces, one to three spatial axes, second derivatives, and epilogues that overwrite an operand.

import {
  type ConvOptions,
  conv1d,
  conv2d,
  conv3d,
  filled,
  graph,
  input,
  mul,
  type Node,
  parameter,
  square,
  sub,
} from "@adjoint/core";
import { compile, gradient } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { backends } from "./engine.js";

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly options: ConvOptions<never>;
}

const cases: readonly Case[] = [
  { x: [2, 3, 23], w: [4, 3, 5], options: { strides: 2, padding: 2 } },
  { x: [3, 4, 11, 10], w: [8, 4, 3, 3], options: { strides: [2, 3], padding: 1 } },
  { x: [2, 8, 12, 12], w: [16, 8, 3, 3], options: { strides: 2, padding: 1 } },
  { x: [2, 3, 17, 16], w: [9, 3, 7, 7], options: { strides: 2, padding: 3 } },
  { x: [2, 4, 9, 9], w: [8, 4, 1, 1], options: { strides: 3 } },
  { x: [2, 4, 9, 8], w: [8, 4, 2, 3], options: { strides: [4, 3] } },
  { x: [1, 2, 13, 12], w: [4, 2, 3, 3], options: { strides: [4, 3], dilation: [2, 3], padding: 2 } },
  { x: [2, 8, 10, 9], w: [8, 2, 3, 3], options: { strides: 2, padding: 1, groups: 4 } },
  { x: [1, 2, 5, 6, 7], w: [3, 2, 3, 2, 3], options: { strides: [2, 1, 3], padding: 1 } },
  { x: [4, 1, 20, 20], w: [6, 1, 5, 5], options: { padding: 2 } },
  { x: [3, 6, 14, 14], w: [16, 6, 5, 5], options: {} },
  { x: [2, 2, 150], w: [5, 2, 7], options: { padding: 3 } },
  { x: [1, 2, 203], w: [7, 2, 5], options: { strides: 3, padding: 2 } },
  { x: [1, 1, 70, 65], w: [3, 1, 3, 2], options: { padding: 1 } },
  { x: [1, 150, 8], w: [128, 150, 7], options: { padding: 3 } },
  { x: [2, 4, 1, 12], w: [4, 2, 1, 3], options: { padding: [0, 1], groups: 2 } },
  { x: [2, 3, 15, 9], w: [5, 3, 3, 4], options: { dilation: [2, 1], padding: [2, [1, 2]] } },
];
const forms = { 3: conv1d, 4: conv2d, 5: conv3d } as const;

function whole(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => ((i * 7 + seed) % 5) - 2);
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** The first few places where numbers differ. */
function differing(got: ArrayLike<number>, wanted: ArrayLike<number>): readonly string[] {
  expect(got.length).toBe(wanted.length);
  const places = Array.from(wanted, (value, i) => (got[i] === value ? "" : `${i}: ${got[i]}, not ${value}`));
  return places.filter((place) => place !== "").slice(0, 5);
}

/** All positions in a box, row-major. */
function points(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (before, extent) => before.flatMap((point) => Array.from({ length: extent }, (_, at) => [...point, at])),
    [[]],
  );
}

const place = (shape: readonly number[], at: readonly number[]): number =>
  at.reduce((sum, position, axis) => sum * (shape[axis] ?? 1) + position, 0);

/** Calls for every product of a convolution, with the elements of the result, of x and of w. */
function products(
  { x, w, options }: Case,
  y: readonly number[],
  found: (y: number, x: number, w: number) => void,
): void {
  const entry = (list: unknown, axis: number, otherwise: number): number => {
    const value: unknown = Array.isArray(list) ? list[axis] : list;
    return Array.isArray(value) ? value[0] : typeof value === "number" ? value : otherwise;
  };
  const { strides, dilation, padding, groups = 1 } = options;
  const each = (w[0] ?? 1) / groups;
  for (const [image = 0, result = 0, ...at] of points(y)) {
    for (const [channel = 0, ...tap] of points(w.slice(1))) {
      const from = at.map((position, axis) => {
        const along = position * entry(strides, axis, 1) + (tap[axis] ?? 0) * entry(dilation, axis, 1);
        return along - entry(padding, axis, 0);
      });
      if (from.some((position, axis) => position < 0 || position >= (x[2 + axis] ?? 0))) continue;
      const of = Math.floor(result / each) * (w[1] ?? 1) + channel;
      found(
        place(y, [image, result, ...at]),
        place(x, [image, of, ...from]),
        place(w, [result, channel, ...tap]),
      );
    }
  }
}

function declare({ x: shape, w: kernel, options }: Case) {
  const [x, w] = [input("x", shape), input("w", kernel)];
  const form = forms[shape.length === 3 ? 3 : shape.length === 4 ? 4 : 5];
  const y = form<string>(x, w, options);
  const seed = input("seed", y.shape);
  const [ofX, ofW] = gradient(y, [x, w], { seed });
  const [again] = gradient(ofX, [seed], { seed: square(x) });
  const K = parameter("K", kernel, filled(1));
  const [slope] = gradient(form<string>(x, K, options), [K], { seed });
  const value: Node<string> = sub(K, mul(slope, 2));
  return {
    shape: y.shape,
    graph: graph({ outputs: { y, ofX, ofW, again }, updates: [{ parameter: K, value }] }),
  };
}

const all = await backends();

describe.each(cases)("$x by $w, $options", (given) => {
  test.each(all)("%s", async (_, backend) => {
    const { shape, graph: declared } = declare(given);
    const x = whole(sizeOf(given.x), 1);
    const w = whole(sizeOf(given.w), 2);
    const seed = whole(sizeOf(shape), 3);
    const [y, ofX] = [new Float64Array(seed.length), new Float64Array(x.length)];
    const [ofW, again] = [new Float64Array(w.length), new Float64Array(seed.length)];
    const add = (to: Float64Array, at: number, value: number): void => {
      to[at] = (to[at] ?? 0) + value;
    };
    products(given, shape, (result, element, weight) => {
      const [a = 0, b = 0, c = 0] = [x[element], w[weight], seed[result]];
      add(y, result, a * b);
      add(ofX, element, c * b);
      add(ofW, weight, c * a);
      add(again, result, a * a * b);
    });
    const session = await compile(declared, { backend });
    for (let step = 0; step < 2; step++) {
      const got = await session.run({ x, w, seed });
      const wanted = { y, ofX, ofW, again };
      for (const name of ["y", "ofX", "ofW", "again"] as const)
        expect(differing(got[name].data, wanted[name]), `${name} in step ${step}`).toEqual([]);
    }
    expect(
      differing(
        (await session.read("K")).data,
        ofW.map((value) => 1 - 4 * value),
      ),
    ).toEqual([]);
    await session.dispose();
  });
});

test.each(all)("an infinity reaches the taps that read it, and no others, on %s", async (_, backend) => {
  const given: Case = { x: [2, 2, 7, 13], w: [4, 2, 3, 3], options: {} };
  const [x, w] = [input("x", given.x), input("w", given.w)];
  const y = conv2d<string>(x, w);
  const [slope] = gradient(y, [w], { seed: input("seed", y.shape) });
  const fed = {
    x: new Float32Array(sizeOf(given.x)).fill(1),
    seed: new Float32Array(sizeOf(y.shape)).fill(1),
  };
  // The last of a row, and the first of the last row.
  for (const at of [
    [0, 0, 3, 12],
    [1, 1, 6, 0],
  ])
    fed.x[place(given.x, at)] = Number.POSITIVE_INFINITY;
  const wanted = new Float64Array(sizeOf(given.w));
  products(given, y.shape, (_result, element, weight) => {
    wanted[weight] = (wanted[weight] ?? 0) + (fed.x[element] ?? 0);
  });
  const session = await compile(graph({ outputs: { slope } }), { backend });
  expect(differing((await session.run(fed)).slope.data, wanted)).toEqual([]);
  await session.dispose();
});
