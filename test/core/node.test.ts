// Nodes that cannot be built, and what the errors say: the call, its label and shapes, and what was expected.

import {
  AdjointError,
  AttributeError,
  add,
  broadcastTo,
  cast,
  concat,
  constant,
  createNode,
  DTypeError,
  defineOp,
  input,
  iota,
  label,
  markDerivativeOrder,
  matmul,
  mul,
  NameError,
  parameter,
  relu,
  reshape,
  ShapeError,
  sum,
  tanh,
  transpose,
  values,
  where,
  withOperands,
} from "@adjoint/core";
import { describe, expect, test } from "vitest";

const x = input("x", [2, 3]);
const y = label(add(input("y", [4, 3]), 1), "hidden");
const i = input("i", [2], "int32");

test.each<[string, () => unknown, typeof AdjointError, string]>([
  [
    "shapes that do not broadcast",
    () => add(x, y),
    ShapeError,
    "add(x: float32[2, 3], hidden: float32[4, 3]): shapes [2, 3] and [4, 3] do not broadcast",
  ],
  [
    "dtypes that differ",
    () => mul(x, cast(x, "int32")),
    DTypeError,
    "mul(x: float32[2, 3], cast: int32[2, 3]): operands must share a dtype, not float32 and int32; use cast",
  ],
  [
    "a dtype outside the domain",
    () => tanh(i),
    DTypeError,
    "tanh(i: int32[2]): expected float operands, not int32",
  ],
  [
    "a condition that is no bool",
    () => where(x, x, x),
    DTypeError,
    "where(x: float32[2, 3], x: float32[2, 3], x: float32[2, 3]): the condition must be bool, not float32",
  ],
  [
    "inner extents that differ",
    () => matmul(x, y),
    ShapeError,
    "matmul(x: float32[2, 3], hidden: float32[4, 3]): inner extents 3 and 4 must be equal",
  ],
  [
    "batches that do not broadcast",
    () => matmul(input("a", [2, 1, 1]), input("b", [3, 1, 1])),
    ShapeError,
    "batch extents [2] and [3] do not broadcast",
  ],
  [
    "a vector to transpose",
    () => transpose(i),
    ShapeError,
    "transpose: i = input(): int32[2] has fewer than two axes to swap.",
  ],
  [
    "an axis twice",
    () => transpose(x, [0, 0]),
    AttributeError,
    "transpose(x: float32[2, 3]): permutation [0,0] must name each axis of [2, 3] once",
  ],
  ["an axis outside", () => sum(x, { axes: [2] }), AttributeError, "sum: axis 2 is outside [-2, 2)."],
  [
    "another number of elements",
    () => reshape(x, [4]),
    ShapeError,
    "reshape(x: float32[2, 3]): 6 elements do not fill shape [4]",
  ],
  [
    "a shape that is not reached",
    () => broadcastTo(x, [3, 3]),
    ShapeError,
    "broadcastTo(x: float32[2, 3]): [2, 3] does not broadcast to [3, 3]",
  ],
  [
    "a negative extent",
    () => input("z", [-1]),
    ShapeError,
    "input z: shape [-1] must consist of non-negative integers.",
  ],
  [
    "a fraction of an extent",
    () => parameter("z", [1.5]),
    ShapeError,
    "parameter z: shape [1.5] must consist of non-negative integers.",
  ],
  [
    "too many elements",
    () => broadcastTo(x, [2 ** 30, 2 ** 30, 2, 3]),
    ShapeError,
    "broadcastTo: shape [1073741824, 1073741824, 2, 3] has too many elements to address.",
  ],
  ["a name with a space", () => input("a b", []), NameError, '"a b" is not a name'],
  ["a name that starts with a digit", () => parameter("1", []), NameError, '"1" is not a name'],
  [
    "too few values",
    () => parameter("w", [3], values([1, 2])),
    ShapeError,
    "parameter w: 2 values do not fill shape [3].",
  ],
  [
    "ragged lists",
    () => constant([[1, 2], [3]]),
    ShapeError,
    "constant: nested arrays must have one length per level.",
  ],
  [
    "values that do not fill",
    () => constant([1, 2], { shape: [3] }),
    AttributeError,
    "constant(): 2 values do not fill shape [3]",
  ],
  ["an axis that a shape has not", () => iota([2], 1), AttributeError, "iota: axis 1 is outside [-1, 1)."],
])("%s", (_, build, Kind, message) => {
  expect(build).toThrow(Kind);
  expect(build).toThrow(message);
});

describe("an op's own contract", () => {
  const scale = defineOp({
    name: "scale",
    doc: "",
    operands: ["x"],
    attributes: { factor: "number", axes: "integers" },
    notation: "",
    infer: ([operand]) => operand,
    lower: () => ({ kind: "reshape" }),
  });
  const given = { factor: 2, axes: [0] };

  test.each<[string, () => unknown, typeof AdjointError, string]>([
    ["no operand", () => createNode(scale, [], given), ShapeError, "scale(): expected 1 operands"],
    [
      "too many",
      () => createNode(scale, [x, x], given),
      ShapeError,
      "scale(x: float32[2, 3], x: float32[2, 3]): expected 1 operands",
    ],
    [
      "a missing attribute",
      () => createNode(scale, [x], { factor: 2 }),
      AttributeError,
      "scale(x: float32[2, 3]): attribute axes (integers) is missing",
    ],
    [
      "an unknown one",
      () => createNode(scale, [x], { ...given, axis: 1 }),
      AttributeError,
      "attribute axis is unknown (known: factor, axes)",
    ],
    [
      "a wrong kind",
      () => createNode(scale, [x], { factor: "2", axes: [] }),
      AttributeError,
      "attribute factor must be of kind number",
    ],
    [
      "a wrong element",
      () => createNode(scale, [x], { factor: 2, axes: [0.5] }),
      AttributeError,
      "attribute axes must be of kind integers",
    ],
    [
      "the label it would have",
      () => createNode(scale, [x], {}, "named"),
      AttributeError,
      "named = scale(x: float32[2, 3]): ",
    ],
  ])("%s", (_, build, Kind, message) => {
    expect(build).toThrow(Kind);
    expect(build).toThrow(message);
  });

  test("variadic ops take one operand or more", () => {
    expect(concat([x, x, x]).operands).toHaveLength(3);
    expect(() => createNode(concat.op, [], { axis: 0 })).toThrow("concat(): expected at least one operand");
  });

  test("errors have the call as their address and a name of their own", () => {
    try {
      add(x, y);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AdjointError);
      expect(error).toMatchObject({
        name: "ShapeError",
        address: "add(x: float32[2, 3], hidden: float32[4, 3])",
      });
    }
  });

  test("what an op throws that is no error of Adjoint's comes through as it is", () => {
    const broken = {
      ...scale,
      infer: () => {
        throw new RangeError("mine");
      },
    };
    expect(() => createNode(broken, [x], given)).toThrow(RangeError);
  });
});

test("a node is not changed by what is made from it", () => {
  const node = relu(x);
  const named = label(node, "h");
  const other = withOperands(named, [input("z", [5])]);
  expect([node.label, named.label, other.label]).toEqual([undefined, "h", "h"]);
  expect([node.shape, other.shape]).toEqual([[2, 3], [5]]);
  expect(withOperands(named, [x])).toBe(named);
  expect(String(named)).toBe("h = relu(x: float32[2, 3]): float32[2, 3]");
});

test("derivative orders reach what is new and pass on to what uses it", () => {
  const h = relu(x);
  const [slope = h] = markDerivativeOrder([mul(h, tanh(h))], new Set([h]), 2);
  expect(slope.operands.map((operand) => operand.derivativeOrder)).toEqual([0, 2]);
  expect(add(slope, h).derivativeOrder).toBe(2);
  expect(label(slope, "s").derivativeOrder).toBe(2);
});
