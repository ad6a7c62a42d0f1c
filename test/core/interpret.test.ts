// The reference interpreter against values computed by hand: leaves, dtypes, broadcasting, reductions, products.

import {
  add,
  broadcastTo,
  cast,
  constant,
  createNode,
  div,
  equal,
  exp,
  filled,
  graph,
  initialize,
  input,
  interpret,
  iota,
  less,
  logSumExp,
  matmul,
  max,
  mean,
  min,
  mul,
  NameError,
  type Node,
  neg,
  normal,
  parameter,
  relu,
  reshape,
  ShapeError,
  sigmoid,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transpose,
  uniform,
  type Values,
  values,
  where,
} from "@adjoint/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomFeeds, randomGraph } from "../random/graphs.js";

function run(node: Node, feeds: Values = {}): number[] {
  return [...interpret(graph({ outputs: { node } }), feeds).outputs.node];
}

/** A constant matrix. */
const matrix = (...rows: readonly (readonly number[])[]): Node => constant(rows);
const a = matrix([1, 2, 3], [4, 5, 6]);

describe("values", () => {
  test.each<[string, Node, readonly number[]]>([
    ["a row repeats along the rows", add(a, constant([10, 20, 30])), [11, 22, 33, 14, 25, 36]],
    ["a column repeats along the columns", add(a, constant([[10], [20]])), [11, 12, 13, 24, 25, 26]],
    ["both sides repeat", mul(constant([[1], [2]]), constant([3, 4, 5])), [3, 4, 5, 6, 8, 10]],
    ["a number repeats everywhere", sub(1, a), [0, -1, -2, -3, -4, -5]],
    ["nothing repeats to nothing", add(input("e", [0, 3]), constant([1, 2, 3])), []],
    ["extent 1 repeats to extent 0", add(constant([[1], [2]]), constant(0, { shape: [2, 0] })), []],
    ["all axes add up", sum(a), [21]],
    ["rows add up", sum(a, { axes: 1 }), [6, 15]],
    ["columns add up", sum(a, { axes: -2, keepDims: true }), [5, 7, 9]],
    ["no axes leave what is there", sum(a, { axes: [] }), [1, 2, 3, 4, 5, 6]],
    ["nothing adds up to 0", sum(constant(0, { shape: [2, 0] }), { axes: 1 }), [0, 0]],
    ["the largest of nothing", max(constant(0, { shape: [0] })), [-Infinity]],
    ["the smallest of nothing", min(constant(0, { shape: [0] })), [Infinity]],
    [
      "the largest and NaN",
      max(
        constant([
          [1, NaN],
          [3, 2],
        ]),
        { axes: 1 },
      ),
      [NaN, 3],
    ],
    ["means", mean(a, { axes: 0 }), [2.5, 3.5, 4.5]],
    ["a matrix product", matmul(a, transpose(a)), [14, 32, 32, 77]],
    ["a vector on either side", matmul(constant([1, -1]), matmul(a, constant([1, 0, 1]))), [-6]],
    ["a batch of products", matmul(reshape(a, [3, 1, 2]), constant([[1], [2]])), [5, 11, 17]],
    [
      "a product over nothing",
      matmul(constant(1, { shape: [2, 0] }), constant(1, { shape: [0, 2] })),
      [0, 0, 0, 0],
    ],
    ["a transpose", transpose(a), [1, 4, 2, 5, 3, 6]],
    [
      "axes in another order",
      transpose(reshape(constant([0, 1, 2, 3, 4, 5, 6, 7]), [2, 2, 2]), [2, 0, 1]),
      [0, 2, 4, 6, 1, 3, 5, 7],
    ],
    ["a repetition", broadcastTo(constant([[1], [2]]), [2, 2, 2]), [1, 1, 2, 2, 1, 1, 2, 2]],
    ["positions", iota([2, 3], 1), [0, 1, 2, 0, 1, 2]],
    ["a choice", where(less(a, 3.5), a, neg(a)), [1, 2, 3, -4, -5, -6]],
    [
      "a choice that does not leak",
      where(constant([true, false], { dtype: "bool" }), constant([1, 2]), div(1, constant([0, 4]))),
      [1, 0.25],
    ],
    ["log Σ exp without overflow", logSumExp(constant([1000, 1000])), [1000 + Math.log(2)]],
    [
      "log Σ exp of infinities",
      logSumExp(
        constant([
          [-Infinity, -Infinity],
          [Infinity, 0],
        ]),
        { axes: 1 },
      ),
      [-Infinity, Infinity],
    ],
    ["squares and roots", sqrt(square(constant([-3, 4]))), [3, 4]],
    ["rectified", relu(constant([-1, -0, 2, NaN])), [0, 0, 2, NaN]],
    ["no overflow", softplus(constant([1000, -1000])), [1000, 0]],
    ["saturation", sigmoid(constant([0, 1000, -1000])), [0.5, 1, 0]],
  ])("%s", (_, node, expected) => {
    const found = run(node, { e: [] });
    expect(found).toHaveLength(expected.length);
    for (const [position, value] of found.entries()) {
      const wanted = expected[position] ?? Number.NaN;
      if (Number.isFinite(wanted)) expect(value).toBeCloseTo(wanted, 13);
      else expect(value).toBe(wanted);
    }
  });

  test("are float64, whatever the dtype", () => {
    expect(run(exp(constant(1)))).toEqual([Math.E]);
    expect(run(tanh(constant(0.1, { dtype: "float16" })))).toEqual([Math.tanh(0.1)]);
  });
});

describe("integers", () => {
  const int32 = (...elements: number[]): Node => constant(elements, { dtype: "int32" });
  const uint32 = (...elements: number[]): Node => constant(elements, { dtype: "uint32" });

  test.each<[string, Node, readonly number[]]>([
    ["sums wrap", add(int32(2147483647, -2147483648), int32(1, -1)), [-2147483648, 2147483647]],
    ["unsigned differences wrap", sub(uint32(0), uint32(1)), [4294967295]],
    ["products wrap", mul(int32(65537), int32(65537)), [131073]],
    ["unsigned products wrap", mul(uint32(4294967295), uint32(4294967295)), [1]],
    ["sums over axes wrap", sum(int32(2147483647, 1, 1)), [-2147483647]],
    ["quotients truncate", div(int32(7, -7, 7), int32(2, 2, 0)), [3, -3, 0]],
    ["the largest of nothing", max(int32()), [-2147483648]],
    ["the smallest of nothing, unsigned", min(uint32()), [4294967295]],
    ["comparisons give 0 and 1", cast(equal(int32(1, 2), int32(1, 3)), "int32"), [1, 0]],
    [
      "casts truncate and saturate",
      cast(constant([1.9, -1.9, 1e10, -1e10, NaN, Infinity]), "int32"),
      [1, -1, 2147483647, -2147483648, 0, 2147483647],
    ],
    ["unsigned casts saturate at 0", cast(constant([-1, 5e9]), "uint32"), [0, 4294967295]],
    ["casts to bool ask for 0", cast(constant([0, -0, 0.1, NaN]), "bool"), [0, 0, 1, 1]],
    [
      "constants are of their dtype",
      add(constant([1.5, -2.5], { dtype: "int32" }), constant(0.5, { dtype: "int32" })),
      [1, -2],
    ],
  ])("%s", (_, node, expected) => expect(run(node)).toEqual(expected));
});

describe("leaves", () => {
  test("inputs are required, of the right length, and of their dtype", () => {
    const x = input("x", [2], "int32");
    const frozen = graph({ outputs: { y: neg(x) } });
    expect(() => interpret(frozen)).toThrow(NameError);
    expect(() => interpret(frozen)).toThrow(
      'Input x = input(): int32[2] is not given; pass its 2 elements as "x".',
    );
    expect(() => interpret(frozen, { x: [1] })).toThrow(ShapeError);
    expect(() => interpret(frozen, { x: [1] })).toThrow("x = input(): int32[2] takes 2 elements, not 1.");
    expect([...interpret(frozen, { x: [1.7, 1e10] }).outputs.y]).toEqual([-1, -2147483647]);
    expect(() => interpret(graph({ outputs: { y: neg(input("toString", [])) } }))).toThrow(NameError);
  });

  test("parameters start at their initial values and can be given", () => {
    const w = parameter("w", [2, 2], values([1, 2, 3, 4]));
    const frozen = graph({ outputs: { w }, updates: [{ parameter: w, value: add(w, 1) }] });
    expect([...interpret(frozen).outputs.w]).toEqual([1, 2, 3, 4]);
    const second = interpret(frozen, { w: [5, 6, 7, 8] });
    expect([...(second.updates.get("w") ?? [])]).toEqual([6, 7, 8, 9]);
    expect([...second.valueOf(frozen.node("w"))]).toEqual([5, 6, 7, 8]);
    expect(() => second.valueOf(neg(w))).toThrow(NameError);
  });

  test("every update sees the parameters as they were", () => {
    const [v, w] = [parameter("v", [], filled(1)), parameter("w", [], filled(2))];
    const swapped = interpret(
      graph({
        outputs: {},
        updates: [
          { parameter: v, value: w },
          { parameter: w, value: v },
        ],
      }),
    );
    expect([...swapped.updates].map(([name, [value]]) => [name, value])).toEqual([
      ["v", 2],
      ["w", 1],
    ]);
  });

  test("initial values depend on the seed alone and have the distribution they say", () => {
    const moments = (elements: Float64Array) => {
      const average = elements.reduce((total, value) => total + value, 0) / elements.length;
      const spread = elements.reduce((total, value) => total + (value - average) ** 2, 0) / elements.length;
      return [average, Math.sqrt(spread)] as const;
    };
    const [center, deviation] = moments(initialize(normal({ mean: 3, std: 0.5, seed: 1 }), [100, 100]));
    expect(center).toBeCloseTo(3, 1);
    expect(deviation).toBeCloseTo(0.5, 1);
    const even = initialize(uniform({ low: -1, high: 3, seed: 1 }), [10_000]);
    expect(moments(even)[0]).toBeCloseTo(1, 1);
    expect(moments(even)[1]).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(even.every((value) => value >= -1 && value < 3)).toBe(true);
    expect(initialize(normal({ seed: 5 }), [3])).toEqual(initialize(normal({ seed: 5 }), [3]));
    expect(initialize(normal({ seed: 5 }), [3])).not.toEqual(initialize(normal({ seed: 6 }), [3]));
    expect([...initialize(filled(-0), [2])]).toEqual([-0, -0]);
  });

  test("a literal of a single element fills any shape", () => {
    expect(run(createNode(constant.op, [], { values: [7], dtype: "float32", shape: [2, 2] }))).toEqual([
      7, 7, 7, 7,
    ]);
  });
});

test("nodes that are graphs of others cost what they consist of, however much they depend on", () => {
  let node: Node = input("x", [2]);
  for (let n = 0; n < 40_000; n++) node = neg(node);
  for (let n = 0; n < 2000; n++) node = sub(node, logSumExp(node));
  const [first = 0, second = 0] = run(node, { x: [0, 1] });
  expect(Math.exp(first) + Math.exp(second)).toBeCloseTo(1, 10);
  expect(second - first).toBeCloseTo(1, 10);
}, 8000);

test("random graphs compute values of the shapes and dtypes they declare", () => {
  const pair = randomGraph().chain((frozen) => randomFeeds(frozen).map((feeds) => ({ frozen, feeds })));
  fc.assert(
    fc.property(pair, ({ frozen, feeds }) => {
      const interpretation = interpret(frozen, feeds);
      for (const node of frozen.nodes) {
        const found = interpretation.valueOf(node);
        expect(found).toHaveLength(node.shape.reduce((size, extent) => size * extent, 1));
        if (node.dtype === "int32") expect(found.every((value) => value === (value | 0))).toBe(true);
        if (node.dtype === "uint32") expect(found.every((value) => value === value >>> 0)).toBe(true);
        if (node.dtype === "bool") expect(found.every((value) => value === 0 || value === 1)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
